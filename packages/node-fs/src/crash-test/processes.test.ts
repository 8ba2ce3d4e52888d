import { chmod, mkdir, mkdtemp, readdir, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openJournal } from "../../../transfer/src/journal/journal.js";
import { readJournal } from "../../../transfer/src/journal/read-journal.js";
import type { Transfer } from "../../../transfer/src/journal/state.js";
import { fileJournals } from "../journals/journal-store.js";
import { realProcesses } from "@img/files";
import type { Holder } from "../../../files/src/lock-holder.js";
import { buildProgram, startProcess } from "./processes.js";
import type { Answer, JournalProcess } from "./processes.js";
import { Random } from "../../../files/src/crash-test/random.js";

let root: string;
let program: string;
let stateDir: string;
let running: JournalProcess[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "img-processes-"));
  await chmod(root, 0o755); // another user runs the program too
  program = await buildProgram(root);
});
beforeEach(async () => {
  stateDir = await mkdtemp(join(root, "state-"));
});
afterEach(async () => {
  await Promise.all(running.map((process) => process.kill()));
  running = [];
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** So many times as fast as the machine's runs the clock that a lock lapses by: 90 s are 2. */
const fast = "45";

const key = {
  kind: "upload",
  server: "https://api.test",
  workspace: null,
  name: "debian",
} as const;

function start(...args: string[]): JournalProcess {
  const process = startProcess(program, [stateDir, key.name, ...args]);
  running.push(process);
  return process;
}

async function started(...args: string[]): Promise<JournalProcess> {
  const process = start(...args);
  expect(await process.next()).toMatchObject({ ok: true });
  return process;
}

async function fileNamed(ending: string): Promise<string> {
  const name = (await readdir(stateDir)).find((each) => each.endsWith(ending));
  return join(stateDir, name!);
}

async function stateOnDisk(): Promise<Transfer> {
  return readJournal(await readFile(await fileNamed(".journal")));
}

const partsIn = (state: Transfer): number[] =>
  "receipts" in state ? [...state.receipts.keys()] : [];

async function leaveDeadLock(): Promise<void> {
  const process = await started();
  await process.kill();
}

// fault D16
test.each([
  [2, "no lock"],
  [2, "a dead process's lock"],
  [10, "no lock"],
  [10, "a dead process's lock"],
  [100, "a dead process's lock"],
])(
  "%i processes at once on one transfer, finding %s: one continues, the others TransferLockedError with the holder's pid",
  async (count, found) => {
    if (found !== "no lock") await leaveDeadLock();
    const processes = Array.from({ length: count }, () => start());
    const answers = await Promise.all(processes.map((process) => process.next()));
    const winners = answers.filter((answer) => answer?.ok === true);
    expect(winners).toHaveLength(1);
    for (const answer of answers.filter((each) => each?.ok !== true)) {
      expect(answer).toMatchObject({
        code: "TRANSFER_LOCKED",
        mayForce: false,
        holder: { pid: winners[0]!.pid },
      });
    }
    expect(await processes[answers.indexOf(winners[0]!)]!.ask("append 1")).toMatchObject({
      ok: true,
    });
  },
  60_000,
);

// fault D21
test("a lock left by a dead process is taken", async () => {
  await leaveDeadLock();
  await started();
});

// fault D24
test("the holder stopped (SIGSTOP), its lock forced, SIGCONT: the old holder's appends are not in the journal", async () => {
  const old = await started();
  await old.ask("append 1");
  old.signal("SIGSTOP");
  expect(await start().next()).toMatchObject({ code: "TRANSFER_LOCKED", holder: { pid: old.pid } });
  const next = await started("force");
  await next.ask("append 2");

  old.tell("append 3"); // waits in its pipe
  old.signal("SIGCONT");
  expect(await old.next()).toMatchObject({ code: "TRANSFER_LOCKED", holder: { pid: next.pid } });
  expect(await old.ask("remove")).toMatchObject({ code: "TRANSFER_LOCKED" });
  expect(await old.ask("close")).toMatchObject({ ok: true });
  expect(await next.ask("append 4")).toMatchObject({ ok: true });
  expect(partsIn(await stateOnDisk())).toEqual([1, 2, 4]);
  expect(await start().next()).toMatchObject({
    code: "TRANSFER_LOCKED",
    holder: { pid: next.pid },
  });
});

// fault D24
test("the holder stopped (SIGSTOP), its lock unlinked, SIGCONT: the old holder's appends are not in the journal", async () => {
  const old = await started();
  await old.ask("append 1");
  old.signal("SIGSTOP");
  await unlink(await fileNamed(".lock"));
  const next = await started();
  await next.ask("append 2");

  old.tell("append 3");
  old.signal("SIGCONT");
  expect(await old.next()).toMatchObject({ code: "TRANSFER_LOCKED", holder: { pid: next.pid } });
  expect(await old.ask("close")).toMatchObject({ ok: true });
  expect(await next.ask("append 4")).toMatchObject({ ok: true });
  expect(partsIn(await stateOnDisk())).toEqual([1, 2, 4]);
});

test("a journal that is deleted while its upload runs is written again, with all its receipts", async () => {
  const holder = await started();
  expect(await holder.ask("append 1")).toMatchObject({ ok: true });
  await unlink(await fileNamed(".journal"));
  expect(await holder.ask("append 2")).toMatchObject({ ok: true });
  expect(await holder.ask("append 3")).toMatchObject({ ok: true });
  expect(partsIn(await stateOnDisk())).toEqual([1, 2, 3]);
});

test("a journal that is deleted with its lock while its upload runs: JournalGoneError says what to do", async () => {
  const holder = await started();
  await unlink(await fileNamed(".journal"));
  await unlink(await fileNamed(".lock"));
  expect(await holder.ask("append 1")).toMatchObject({
    code: "JOURNAL_GONE",
    message: expect.stringContaining("Delete the unfinished image") as string,
  });
});

test("a holder whose lock was unlinked, and taken by nobody, does not remove a journal", async () => {
  const holder = await started();
  await unlink(await fileNamed(".lock"));
  expect(await holder.ask("remove")).toMatchObject({ code: "JOURNAL_GONE" });
  expect(await holder.ask("close")).toMatchObject({ ok: true });
  expect((await stateOnDisk()).at).toBe("started");
});

async function plantLock(of: Partial<Holder>): Promise<void> {
  const process = await started();
  const path = await fileNamed(".lock");
  const lock = { ...(JSON.parse(await readFile(path, "utf8")) as Holder), ...of };
  await process.kill();
  await writeFile(path, JSON.stringify(lock));
}

const tryToOpen = async (): Promise<Answer | null> => start().next();

// fault D21
test("a lock left by a pid in use again is taken", async () => {
  await plantLock({ pid: process.pid, startTime: "1" });
  expect(await tryToOpen()).toMatchObject({ ok: true });
});

test("a lock of a living process, this one, is not taken", async () => {
  await plantLock(await realProcesses.self());
  expect(await tryToOpen()).toMatchObject({
    code: "TRANSFER_LOCKED",
    mayForce: false,
    holder: { pid: process.pid },
  });
});

// fault D21
test("a lock from before this machine was restarted is taken", async () => {
  await plantLock({ pid: process.pid, bootId: "00000000-0000-0000-0000-000000000000" });
  expect(await tryToOpen()).toMatchObject({ ok: true });
});

const unseen: [string, Partial<Holder>][] = [
  ["another host", { host: "elsewhere", bootId: "00000000-0000-0000-0000-000000000000" }],
  [
    "another host of the same name",
    { machineId: "0", bootId: "00000000-0000-0000-0000-000000000000" },
  ],
  ["another PID namespace (a container)", { pidNamespace: "pid:[1]" }],
];

// fault D23
test.each(unseen)(
  "a lock left by %s, without a counter: TransferLockedError names --force, and force takes it",
  async (_, of) => {
    await plantLock({ ...of, counter: undefined } as Partial<Holder>);
    expect(await tryToOpen()).toMatchObject({
      code: "TRANSFER_LOCKED",
      mayForce: true,
      message: expect.stringContaining("--force") as string,
    });
    await started("force");
  },
);

// fault D22
test.each(unseen)(
  "a lock left by %s is taken over when it was not renewed for 90 s",
  async (_, of) => {
    await plantLock(of);
    await started("politely", fast);
  },
);

// fault D22
test.each([2, 10])(
  "of %i processes that find a lock of another PID namespace that lapsed, one continues",
  async (count) => {
    await plantLock({ pidNamespace: "pid:[1]" });
    const processes = Array.from({ length: count }, () => start("politely", fast));
    const answers = await Promise.all(processes.map((process) => process.next()));
    expect(answers.filter((answer) => answer?.ok === true)).toHaveLength(1);
  },
);

// fault D24
test("the holder stopped (SIGSTOP), its lock lapsed, SIGCONT: the old holder's appends are not in the journal", async () => {
  const old = await started("politely", fast);
  await old.ask("append 1");
  old.signal("SIGSTOP");
  const path = await fileNamed(".lock");
  const lock = await readFile(path, "utf8");
  // As a process in another container sees it.
  const bytes = lock.replace(/"pidNamespace":"pid:\[(\d+)\]"/, (all, number: string) =>
    all.replace(number, number.replaceAll(/\d/g, "1")),
  );
  expect(bytes).not.toBe(lock);
  await writeFile(path, bytes);
  const next = await started("politely", fast);
  await next.ask("append 2");

  old.tell("append 3"); // waits in its pipe
  old.signal("SIGCONT");
  expect(await old.next()).toMatchObject({ code: "TRANSFER_LOCKED", holder: { pid: next.pid } });
  expect(await old.ask("remove")).toMatchObject({ code: "TRANSFER_LOCKED" });
  expect(await old.ask("close")).toMatchObject({ ok: true });
  expect(await next.ask("append 4")).toMatchObject({ ok: true });
  expect(partsIn(await stateOnDisk())).toEqual([1, 2, 4]);
});

// fault D23
test.each(["", "garbage", "{}", "[]", "null", '{"pid":-1}'])(
  "a lock that says %j is taken by force only",
  async (contents) => {
    await leaveDeadLock();
    await writeFile(await fileNamed(".lock"), contents);
    expect(await tryToOpen()).toMatchObject({ code: "TRANSFER_LOCKED", mayForce: true });
    await started("force");
  },
);

test("two uploads of one name in one process: the second is locked out", async () => {
  const first = await openJournal(fileJournals(stateDir), key, { force: false });
  await expect(openJournal(fileJournals(stateDir), key, { force: false })).rejects.toMatchObject({
    code: "TRANSFER_LOCKED",
    holder: { pid: process.pid },
  });
  await first.close();
});

// fault D09
test.skipIf(process.getuid?.() !== 0)(
  "state directory of another user: a JournalIoError says what to do",
  async () => {
    const nobody = startProcess(program, [stateDir, key.name], 65_534);
    running.push(nobody);
    expect(await nobody.next()).toMatchObject({
      code: "JOURNAL_IO",
      message: expect.stringMatching(/may not write there.*XDG_STATE_HOME/s) as string,
    });
  },
);

// fault D09
test("state directory under a file: a JournalIoError says what to do", async () => {
  await writeFile(join(stateDir, "file"), "");
  const journal = openJournal(fileJournals(join(stateDir, "file/img")), key, { force: false });
  await expect(journal).rejects.toMatchObject({
    code: "JOURNAL_IO",
    message: expect.stringContaining("a file stands where a folder should") as string,
  });
});

test("the folder is its user's only, and so are the journals", async () => {
  const folder = join(stateDir, "a/b");
  await mkdir(join(stateDir, "a"));
  const journal = await openJournal(fileJournals(folder), key, { force: false });
  const { statSync, readdirSync } = await import("node:fs");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) {
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  }
  await journal.close();
});

/** IMG_KILLS=10000 is the long run; IMG_SEED makes it another one. */
const kills = Number(process.env.IMG_KILLS ?? 50);
const seed = Number(process.env.IMG_SEED ?? kills);

// fault D01
test(`kill -9 at any time, ${kills} times: every receipt that was acknowledged survives`, async () => {
  const random = new Random(seed);
  let certain = 0;
  for (let kill = 0; kill < kills; kill++) {
    certain = Math.max(certain, await pourUntilKilled(random));
    if (random.chance(50)) certain = await checkReceipts(certain);
  }
  certain = await checkReceipts(certain);
  expect(certain).toBeGreaterThan(kills);
}, 3_600_000);

/**
 * Kills a third of the processes while they open the journal, the others between two lines that they say.
 * Resolves to the last part whose receipt was acknowledged, 0 if it died before.
 */
async function pourUntilKilled(random: Random): Promise<number> {
  const startedMs = performance.now();
  const process = startProcess(program, [stateDir, key.name]);
  process.tell("pour");
  const early = random.chance(33) && startMs > 0;
  let dying = early ? wait(random.below(startMs)).then(() => process.kill()) : null;
  let linesLeft = 1 + random.below(12);
  let last = 0;
  for (let answer = await process.next(); answer !== null; answer = await process.next()) {
    startMs ||= performance.now() - startedMs;
    expect(answer.ok).not.toBe(false);
    last = answer.acknowledged ?? last;
    if (--linesLeft === 0) dying ??= wait(random.below(3)).then(() => process.kill());
  }
  await dying;
  return last;
}

/** How long a process takes to open its journal, here and now. */
let startMs = 0;

async function checkReceipts(certain: number): Promise<number> {
  const journal = await openJournal(fileJournals(stateDir), key, { force: false });
  const { state } = journal;
  await journal.close();
  if (state.at === "nothing") {
    expect(certain).toBe(0);
    return 0;
  }
  const parts = partsIn(state);
  expect(parts.length).toBeGreaterThanOrEqual(certain);
  expect(parts).toEqual(parts.map((_, index) => index + 1));
  if ("receipts" in state) {
    for (const { part, crc32, etag } of state.receipts.values()) {
      expect({ crc32, etag }).toEqual({ crc32: part * 7, etag: `"${part}"` });
    }
  }
  return parts.length;
}
