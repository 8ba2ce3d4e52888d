import { openJournal } from "../journal/journal.js";
import type { UploadBegin } from "../journal/record.js";
import type { JournalFile, JournalKey, JournalStore } from "../ports.js";
import {
  checksOf,
  expectBytes,
  expectEqual,
  expectRejection,
  type Check as CheckOf,
  type Suite,
} from "./expect.js";

/** What every store of journals must do. */
export interface JournalStoreSuite extends Suite {
  /** An empty store, not shared with any other test. */
  readonly open: () => JournalStore | Promise<JournalStore>;
}

const key: JournalKey = {
  kind: "upload",
  server: "https://api.test",
  workspace: null,
  name: "debian",
};
const politely = { force: false };
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Names that a store must keep apart, and in which a folder would get lost. */
const names = [
  ...'debian|Debian|debian |../debian|a/b|a\\b|.|..|con|\u00e9|e\u0301|🖼|a:b|*?"<>|'.split("|"),
  "x".repeat(255),
  `${"x".repeat(254)}y`,
];

/** The suite of a store of journals. */
export function journalStoreContract(suite: JournalStoreSuite): void {
  const check: Check = checksOf(suite, async (run) => run(await suite.open()));
  contentsChecks(check);
  lockChecks(check);
  keyChecks(check);
  listChecks(check);
}

type Check = CheckOf<JournalStore>;

function contentsChecks(check: Check): void {
  check("a journal that was never written is empty", async (store) => {
    const file = await store.open(key, politely);
    expectBytes(await file.read(), ascii(""));
    await file.close();
    expectEqual(await store.list(), []);
  });

  check("what was written is read by the next one who opens it", async (store) => {
    await using(store, async (file) => {
      await file.replace(ascii("one\n"));
      await file.append(ascii("two\n"));
      await file.append(ascii("three\n"));
      expectBytes(await file.read(), ascii("one\ntwo\nthree\n"));
    });
    expectBytes(await contentsOf(store), ascii("one\ntwo\nthree\n"));
  });

  check("replacing leaves nothing of what stood there", async (store) => {
    await using(store, async (file) => {
      await file.replace(ascii("a long line\n"));
      await file.append(ascii("and another\n"));
      await file.replace(ascii("short\n"));
      await file.append(ascii("end\n"));
    });
    expectBytes(await contentsOf(store), ascii("short\nend\n"));
  });

  check("what the caller does to its bytes afterwards changes nothing", async (store) => {
    const bytes = ascii("one\n");
    await using(store, async (file) => {
      await file.replace(bytes);
      bytes.fill(0);
    });
    expectBytes(await contentsOf(store), ascii("one\n"));
  });

  check("every byte is kept, in a journal of a megabyte too", async (store) => {
    const large = Uint8Array.from({ length: 1_048_577 }, (_, index) => (index * 31) % 256);
    await using(store, async (file) => {
      await file.replace(large.subarray(0, 700_000));
      await file.append(large.subarray(700_000));
    });
    expectBytes(await contentsOf(store), large);
  });

  check("a journal that was removed is gone, and removing it again is no error", async (store) => {
    await using(store, async (file) => {
      await file.replace(ascii("one\n"));
      await file.remove();
      await file.remove();
      expectBytes(await file.read(), ascii(""));
    });
    expectEqual(await store.list(), []);
    expectBytes(await contentsOf(store), ascii(""));
  });

  check("a journal that was removed can be started over", async (store) => {
    await using(store, async (file) => {
      await file.replace(ascii("one\n"));
      await file.remove();
      await file.replace(ascii("two\n"));
      await file.append(ascii("three\n"));
    });
    expectBytes(await contentsOf(store), ascii("two\nthree\n"));
  });
}

function lockChecks(check: Check): void {
  check("a journal that is open is locked, and closing lets the next one in", async (store) => {
    const first = await store.open(key, politely);
    await expectRejection("TRANSFER_LOCKED", store.open(key, politely));
    await first.close();
    await first.close();
    const second = await store.open(key, politely);
    await first.close();
    await expectRejection("TRANSFER_LOCKED", store.open(key, politely));
    await second.close();
  });

  check("of many that open it at once, one does", async (store) => {
    const tries = Array.from({ length: 20 }, () => store.open(key, politely));
    const settled = await Promise.allSettled(tries);
    const opened = settled.filter((one) => one.status === "fulfilled");
    expectEqual(opened.length, 1);
    for (const one of settled) {
      if (one.status === "rejected")
        await expectRejection("TRANSFER_LOCKED", Promise.reject(one.reason as Error));
    }
    await opened[0]!.value.close();
    await (await store.open(key, politely)).close();
  });

  check(
    "what a former holder appends after its lock was forced is not in the journal",
    async (store) => {
      const former = await store.open(key, politely);
      await former.replace(ascii("one\n"));
      const next = await store.open(key, { force: true });
      await next.replace(await next.read());
      await former.append(ascii("lost\n")).catch(() => undefined);
      await next.append(ascii("two\n"));
      expectBytes(await next.read(), ascii("one\ntwo\n"));
      await former.close();
      await next.close();
    },
  );

  check(
    "a former holder can neither replace, nor remove, nor unlock what is another's",
    async (store) => {
      const former = await store.open(key, politely);
      await former.replace(ascii("one\n"));
      const next = await store.open(key, { force: true });
      await next.replace(ascii("two\n"));
      await expectRejection("TRANSFER_LOCKED", former.replace(ascii("lost\n")));
      await expectRejection("TRANSFER_LOCKED", former.remove());
      await former.close();
      await expectRejection("TRANSFER_LOCKED", store.open(key, politely));
      expectBytes(await next.read(), ascii("two\n"));
      await next.close();
    },
  );
}

function keyChecks(check: Check): void {
  check("journals of any names, workspaces, servers and kinds are apart", async (store) => {
    const keys: JournalKey[] = names.map((name) => ({ ...key, name }));
    keys.push({ ...key, server: "http://api.test" }, { ...key, kind: "download" });
    for (const workspace of ["wksp_1", "wksp_2", "debian"]) keys.push({ ...key, workspace });
    const files = [];
    for (const [index, each] of keys.entries()) {
      const file = await store.open(each, politely);
      files.push(file);
      await file.replace(ascii(`journal ${index}\n`));
    }
    for (const [index, file] of files.entries()) {
      expectBytes(await file.read(), ascii(`journal ${index}\n`));
      await file.close();
    }
    expectEqual((await store.list()).length, keys.length);
  });
}

function listChecks(check: Check): void {
  check("the list has every journal, with its key, and who holds it", async (store) => {
    const held = await openJournal(store, key, politely);
    await held.begin(beginOf(key));
    const other = { ...key, workspace: "sfc:workspace:me:lab", name: "ubuntu/24.04" };
    const idle = await openJournal(store, other, politely);
    await idle.begin(beginOf(other));
    await idle.close();

    const found = [...(await store.list())].sort((a, b) => (a.key.name < b.key.name ? -1 : 1));
    expectEqual(
      found.map((one) => one.key),
      [key, other],
    );
    expectEqual(
      found.map((one) => one.holder === null),
      [false, true],
    );
    await held.close();
    expectEqual(
      (await store.list()).map((one) => one.holder),
      [null, null],
    );
  });
}

function beginOf({ server, workspace, name }: JournalKey): UploadBegin {
  const about = { sizeBytes: 25, partBytes: 10, from: "/disk.img", identity: {}, beganAtSec: 0 };
  return { type: "begin", kind: "upload", server, workspace, name, format: "raw", ...about };
}

async function using(
  store: JournalStore,
  work: (file: JournalFile) => Promise<void>,
): Promise<void> {
  const file = await store.open(key, politely);
  try {
    await work(file);
  } finally {
    await file.close();
  }
}

async function contentsOf(store: JournalStore): Promise<Uint8Array> {
  let contents: Uint8Array = new Uint8Array();
  await using(store, async (file) => {
    contents = await file.read();
  });
  return contents;
}
