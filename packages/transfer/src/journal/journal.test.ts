import { beforeEach, expect, test } from "vitest";
import { MemoryJournals } from "../contracts/memory-journals.js";
import type { JournalFile, JournalKey, JournalStore } from "../ports.js";
import { forgetJournal, openJournal } from "./journal.js";
import { readJournal } from "./read-journal.js";
import type { JournalRecord, UploadBegin } from "./record.js";

const key: JournalKey = {
  kind: "upload",
  server: "https://api.test",
  workspace: null,
  name: "debian",
};
const begin: UploadBegin = {
  type: "begin",
  kind: "upload",
  server: "https://api.test",
  workspace: null,
  name: "debian",
  sizeBytes: 25,
  partBytes: 10,
  format: "raw",
  from: "/disk.img",
  identity: { ino: "1" },
  beganAtSec: 1_700_000_000,
};
const intent: JournalRecord = { type: "intent", sinceSec: 1_700_000_001, timeoutMs: 60_000 };
const started: JournalRecord = { type: "started", imageId: "image_1", adopted: false };
const completing: JournalRecord = { type: "completing", sha256: "ab".repeat(32) };
const receipt = (part: number): JournalRecord => ({
  type: "receipt",
  part,
  crc32: part,
  etag: "e",
});

/** A store whose writes are seen, and held back or failed where a test says so. */
class WatchedStore implements JournalStore {
  readonly calls: string[] = [];
  before: (call: string) => Promise<void> = () => Promise.resolve();
  readonly inner: MemoryJournals = new MemoryJournals();

  async open(of: JournalKey, options: { readonly force: boolean }): Promise<JournalFile> {
    await this.#note("open");
    const file = await this.inner.open(of, options);
    const noting = <Args extends unknown[], Result>(
      call: string,
      run: (...args: Args) => Promise<Result>,
    ) => {
      return async (...args: Args): Promise<Result> => {
        await this.#note(call);
        return run(...args);
      };
    };
    return {
      read: noting("read", () => file.read()),
      replace: noting("replace", (bytes: Uint8Array) => file.replace(bytes)),
      append: noting("append", (bytes: Uint8Array) => file.append(bytes)),
      remove: noting("remove", () => file.remove()),
      close: noting("close", () => file.close()),
    };
  }

  list(): ReturnType<JournalStore["list"]> {
    return this.inner.list();
  }

  async #note(call: string): Promise<void> {
    this.calls.push(call);
    await this.before(call);
  }
}

let store: WatchedStore;
beforeEach(() => (store = new WatchedStore()));

const open = (of: JournalKey = key) => openJournal(store, of, { force: false });
const contents = async (): Promise<Uint8Array> =>
  (await store.list())[0]?.contents ?? new Uint8Array();
const failing = (call: string, error: unknown) => async (made: string) => {
  if (made === call) throw error;
};

async function startedJournal() {
  const journal = await open();
  await journal.begin(begin);
  await journal.append(intent);
  await journal.append(started);
  return journal;
}

test("a transfer that was never begun is at nothing, and nothing is written for it", async () => {
  const journal = await open();
  expect(journal.state).toEqual({ at: "nothing" });
  expect(store.calls).toEqual(["open", "read"]);
});

test("a new process finds what was appended", async () => {
  const journal = await startedJournal();
  await journal.append(receipt(2), receipt(1));
  await journal.close();

  const again = await open();
  expect(again.state).toEqual(journal.state);
  expect(again.state).toMatchObject({ at: "started", imageId: "image_1", from: "/disk.img" });
});

test("a reopened journal resumes where it ended", async () => {
  const journal = await startedJournal();
  await journal.append(receipt(1));
  await journal.close();
  const again = await open();
  await again.append(receipt(2), receipt(3));
  await again.append(completing, { type: "completed", atSec: 1_700_000_900 });
  await again.close();

  const last = await open();
  expect(last.state).toMatchObject({ at: "completed", sha256: "ab".repeat(32) });
});

test("opening writes what is whole to a new file, before anything is appended", async () => {
  await (await startedJournal()).close();
  store.calls.length = 0;
  await open();
  expect(store.calls).toEqual(["open", "read", "replace"]);
});

test("a torn tail is cut from the file before the next record is appended", async () => {
  const journal = await startedJournal();
  await journal.close();
  const whole = await contents();
  const torn = await store.inner.open(key, { force: false });
  await torn.append(new TextEncoder().encode("0123abcd 4 12"));
  await torn.close();

  const again = await open();
  expect(await contents()).toEqual(whole);
  await again.append(receipt(1));
  expect(readJournal(await contents())).toEqual(again.state);
});

test("receipts of one moment share a write", async () => {
  const journal = await startedJournal();
  store.calls.length = 0;
  await Promise.all([1, 2, 3].map((part) => journal.append(receipt(part))));
  expect(store.calls).toEqual(["append"]);
});

test("receipts that come while a write is running share the next", async () => {
  const journal = await startedJournal();
  store.calls.length = 0;
  let release = () => {};
  store.before = () => new Promise((resolve) => (release = resolve));
  const first = journal.append(receipt(1));
  await expect.poll(() => store.calls).toEqual(["append"]);
  const rest = [journal.append(receipt(2)), journal.append(receipt(3))];

  store.before = () => Promise.resolve();
  release();
  await Promise.all([first, ...rest]);
  expect(store.calls).toEqual(["append", "append"]);
});

test("a record that a begin follows is written before it", async () => {
  const journal = await startedJournal();
  store.calls.length = 0;
  await Promise.all([journal.append(receipt(1)), journal.begin(begin)]);
  expect(store.calls).toEqual(["append", "replace"]);
});

test("records that come while a write before a begin is running share the one after it", async () => {
  const journal = await startedJournal();
  store.calls.length = 0;
  let release = () => {};
  store.before = () => new Promise((resolve) => (release = resolve));
  const all = [journal.append(receipt(1)), journal.begin(begin), journal.append(intent)];
  await expect.poll(() => store.calls).toEqual(["append"]);
  all.push(journal.append(started));

  store.before = () => Promise.resolve();
  release();
  await Promise.all(all);
  expect(store.calls).toEqual(["append", "replace", "append"]);
});

test("a record is no part of the state before it is durable", async () => {
  const journal = await startedJournal();
  store.before = async () => {
    expect(journal.state).toMatchObject({ receipts: new Map() });
  };
  await journal.append(receipt(1));
  expect(journal.state).toMatchObject({
    receipts: new Map([[1, { part: 1, crc32: 1, etag: "e" }]]),
  });
});

test("a state that was looked at does not change under the eyes of who holds it", async () => {
  const journal = await startedJournal();
  const before = journal.state;
  await journal.append(receipt(1));
  expect(before).toMatchObject({ receipts: new Map() });
});

test("after a failed append every later one rejects, and nothing is written any more", async () => {
  const journal = await startedJournal();
  store.before = failing("append", new Error("EIO"));
  const calls = [journal.append(receipt(1)), journal.append(receipt(2))];
  await expect(calls[0]).rejects.toMatchObject(failed("written"));
  await expect(calls[1]).rejects.toMatchObject({ code: "JOURNAL_IO" });

  store.before = () => Promise.resolve();
  store.calls.length = 0;
  await expect(journal.append(receipt(3))).rejects.toMatchObject({ code: "JOURNAL_IO" });
  await expect(journal.begin(begin)).rejects.toMatchObject({ code: "JOURNAL_IO" });
  expect(store.calls).toEqual([]);
  expect(journal.state).toMatchObject({ receipts: new Map() });
});

test("a former holder is told at its next append who has taken the journal", async () => {
  const journal = await startedJournal();
  await openJournal(store, key, { force: true });
  await expect(journal.append(receipt(1))).rejects.toMatchObject({ code: "TRANSFER_LOCKED" });
  await expect(journal.append(receipt(2))).rejects.toMatchObject({ code: "TRANSFER_LOCKED" });
});

test("what was waiting behind an append that fails is not written", async () => {
  const journal = await startedJournal();
  let fail: (error: Error) => void = () => {};
  store.before = () => new Promise((_, reject) => (fail = reject));
  const first = journal.append(receipt(1));
  await expect.poll(() => store.calls.at(-1)).toBe("append");
  const second = journal.append(receipt(2));
  store.calls.length = 0;
  fail(new Error("ENOSPC"));

  await expect(first).rejects.toMatchObject({ code: "JOURNAL_IO" });
  await expect(second).rejects.toMatchObject({ code: "JOURNAL_IO" });
  expect(store.calls).toEqual([]);
});

test("a new transfer takes the place of the old one, under another id", async () => {
  const journal = await startedJournal();
  const before = await contents();
  await journal.begin({ ...begin, sizeBytes: 5 });
  expect(journal.state).toMatchObject({ at: "begun", begin: { sizeBytes: 5 } });
  await journal.append(intent);

  const after = await contents();
  expect(readJournal(after)).toEqual(journal.state);
  expect(after.slice(0, 50)).not.toEqual(before.slice(0, 50));
});

test("calls that cross take effect in their order", async () => {
  const journal = await startedJournal();
  const all = [
    journal.append(receipt(1)),
    journal.begin({ ...begin, sizeBytes: 5 }),
    journal.append(intent),
    journal.remove(),
    journal.begin(begin),
    journal.append(intent, started),
    journal.append(receipt(3)),
    journal.close(),
  ];
  await Promise.all(all);
  const last = readJournal(await contents());
  expect(last).toEqual(journal.state);
  expect(last).toMatchObject({ at: "started", receipts: new Map([[3, {}]]) });
});

test("a record that makes no sense is refused as a bug, and what is written stays readable", async () => {
  const journal = await startedJournal();
  await expect(journal.append(receipt(4))).rejects.toThrow(/^bug: /);
  await expect(journal.append(intent)).rejects.toMatchObject({
    message: "bug: a intent record that makes no sense here",
    cause: { code: "JOURNAL_CORRUPT" },
  });
  await journal.append(receipt(3));
  expect(readJournal(await contents())).toEqual(journal.state);
});

test("a journal that was removed is gone, and removing it again is no error", async () => {
  const journal = await startedJournal();
  await journal.remove();
  await journal.remove();
  expect(journal.state).toEqual({ at: "nothing" });
  expect(await store.list()).toEqual([]);
});

test("a journal that cannot be removed says so", async () => {
  const journal = await startedJournal();
  store.before = failing("remove", "no disk");
  await expect(journal.remove()).rejects.toMatchObject({
    code: "JOURNAL_IO",
    cause: "no disk",
    message: "The journal of this transfer could not be deleted: no disk",
  });
});

test("closing waits for what is running, and closes once", async () => {
  const journal = await startedJournal();
  store.calls.length = 0;
  const appended = journal.append(receipt(1));
  await Promise.all([journal.close(), journal.close()]);
  await appended;
  expect(store.calls).toEqual(["append", "close"]);
  await expect(journal.append(receipt(2))).rejects.toThrow("bug: the journal is closed");
});

test("appending nothing is no error", async () => {
  const journal = await startedJournal();
  const before = await contents();
  await journal.append();
  expect(await contents()).toEqual(before);
});

test("a journal that another holds is not opened, and forcing opens it", async () => {
  await startedJournal();
  await expect(open()).rejects.toMatchObject({ code: "TRANSFER_LOCKED" });
  const taken = await openJournal(store, key, { force: true });
  expect(taken.state).toMatchObject({ at: "started" });
});

const failed = (what: string) => ({
  code: "JOURNAL_IO",
  message: `The journal of this transfer could not be ${what}: EIO`,
  cause: new Error("EIO"),
});

test.each([
  ["open", "opened"],
  ["read", "read"],
  ["replace", "written"],
])("a failed %s while opening is a JournalIoError: not %s", async (call, what) => {
  await (await startedJournal()).close();
  store.before = failing(call, new Error("EIO"));
  await expect(open()).rejects.toMatchObject(failed(what));
  store.before = () => Promise.resolve();
  await open(); // the lock was let go
});

test.each([
  ["open", "opened"],
  ["remove", "deleted"],
  ["close", "closed"],
])("a failed %s while forgetting is a JournalIoError: not %s", async (call, what) => {
  await (await startedJournal()).close();
  store.before = failing(call, new Error("EIO"));
  await expect(forgetJournal(store, key, { force: false })).rejects.toMatchObject(failed(what));
});

test("a journal that cannot be closed says so, each time", async () => {
  const journal = await startedJournal();
  store.before = failing("close", new Error("EIO"));
  await expect(journal.close()).rejects.toMatchObject(failed("closed"));
  await expect(journal.close()).rejects.toMatchObject(failed("closed"));
});

test("when closing fails too, the error that came first is told", async () => {
  await (await startedJournal()).close();
  store.before = async (call) => {
    if (call !== "open") throw new Error(call);
  };
  await expect(open()).rejects.toMatchObject({ cause: new Error("read") });
});

test.each([
  ["an upload of another name", { ...key, name: "ubuntu" }],
  ["an upload to a workspace", { ...key, workspace: "wksp_1" }],
  ["an upload to another server", { ...key, server: "https://other.test" }],
  ["a download", { ...key, kind: "download" as const }],
])("a journal that was copied to the place of %s is not taken for its own", async (_, other) => {
  const journal = await startedJournal();
  await journal.close();
  const file = await store.inner.open(other, { force: false });
  await file.replace(await contents());
  await file.close();
  await expect(open(other)).rejects.toMatchObject({
    code: "JOURNAL_CORRUPT",
    message: expect.stringContaining(
      'it is of the upload of "debian" on https://api.test',
    ) as string,
  });
});

test("a damaged journal is not opened, is let go of, and can be forgotten", async () => {
  const journal = await startedJournal();
  await journal.close();
  const damaged = (await contents()).slice();
  damaged[70]! ^= 1;
  const file = await store.inner.open(key, { force: false });
  await file.replace(damaged);
  await file.close();

  await expect(open()).rejects.toMatchObject({ code: "JOURNAL_CORRUPT" });
  await forgetJournal(store, key, { force: false });
  expect((await open()).state).toEqual({ at: "nothing" });
});
