import { expect, test } from "vitest";
import { FakeMachine, type FakeProcess } from "./crash-test/fake-machine.js";
import { FaultyFs } from "./crash-test/faulty-fs.js";
import { errno, MemoryFs } from "./crash-test/memory-fs.js";
import { Random } from "./crash-test/random.js";
import { SlowFs } from "./crash-test/slow-fs.js";
import { ManualClock } from "../../transfer/src/testing/manual-clock.js";
import type { FileSystem } from "./file-system.js";
import { LockedError, LockLostError } from "./lock-errors.js";
import { readLock } from "./lock-file.js";
import type { Lock, LockOptions } from "./lock.js";
import { takeLock } from "./lock.js";
import { readWhole } from "./regular-file.js";

const path = "/locks/a.lock";
const [here, elsewhere] = ["pid:[1]", "pid:[2]"];

async function diskWithFolder(): Promise<MemoryFs> {
  const fs = new MemoryFs();
  await fs.mkdir("/locks");
  return fs;
}

const take = (fs: FileSystem, process: FakeProcess, options: LockOptions = {}): Promise<Lock> =>
  takeLock(fs, path, { ...process, ...options });

test("a holder renews its lock every 5 s, through the file that it wrote", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine();
  const lock = await take(fs, machine.start());
  const counterIn = async () => (await readLock(fs, path))?.counter;
  expect(await counterIn()).toBe("000000000000");
  await machine.clock.advance(5_000);
  expect(await counterIn()).toBe("000000000001");
  await machine.clock.advance(10_000);
  expect(await counterIn()).toBe("000000000003");
  await lock.release();
  expect(machine.clock.waiting).toBe(0);
});

test("it never writes to another process's lock that has its name by now", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine();
  await take(fs, machine.start());
  await fs.unlink(path);
  const file = await fs.open(path, "create");
  await file.write(new TextEncoder().encode("not ours at all"), 0);
  await machine.clock.advance(20_000);
  expect(new TextDecoder().decode(await readWhole(fs, path))).toBe("not ours at all");
});

// fault D22
test("an attempt to take a lock is refused as soon as its counter changes", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine();
  await take(fs, machine.start(here));
  const refused = take(fs, machine.start(elsewhere));
  const told = expect(refused).rejects.toMatchObject({ name: "LockedError", mayForce: false });
  await machine.clock.advance(10_000);
  await told;
});

/** Leaves a lock whose holder, in another PID namespace, is gone. */
async function leaveUnseenLock(fs: FileSystem, machine: FakeMachine): Promise<void> {
  await take(fs, machine.start(elsewhere));
  machine.killAll();
}

test("a lock whose holder cannot be seen is taken over after 90 s without a change, not before", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine();
  await leaveUnseenLock(fs, machine);
  let taken: Lock | null = null;
  let asides = 0;
  const putAside = async (): Promise<void> => {
    asides++;
  };
  const process = machine.start(here);
  const taking = take(fs, process, { onTakeOver: putAside }).then((lock) => (taken = lock));
  await machine.clock.advance(89_000);
  expect(taken).toBeNull();
  await machine.clock.advance(2_000);
  const lock = await taking;
  expect(asides).toBe(1);
  await lock.check();
  await lock.release();
  expect(await fs.readdir("/locks")).toEqual([]);
});

test("files that a running holder could write to are put aside before its lock is taken", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine();
  const tokenIn = async () => (await readLock(fs, path))?.token;
  const former = await take(fs, machine.start());
  const stood: unknown[] = [];
  const onTakeOver = async (): Promise<void> => void stood.push(await tokenIn());
  await take(fs, machine.start(), { force: true, onTakeOver });
  expect(stood).toEqual([former.token]);
  machine.killAll();
  const last = await take(fs, machine.start(), { force: true, onTakeOver });
  await last.release();
  await take(fs, machine.start(), { onTakeOver });
  expect(stood).toHaveLength(2);
});

test("if they cannot be put aside, the holder keeps its lock", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine();
  const former = await take(fs, machine.start());
  const onTakeOver = () => Promise.reject(errno("EIO"));
  const refused = take(fs, machine.start(), { force: true, onTakeOver });
  await expect(refused).rejects.toMatchObject({ code: "EIO" });
  await former.check();
  expect(await fs.readdir("/locks")).toEqual(["a.lock"]);
});

test("the lock of a holder that is proven dead is taken at once, and nothing is put aside", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine();
  await take(fs, machine.start());
  machine.killAll();
  const onTakeOver = () => Promise.reject(errno("EIO"));
  await (await take(fs, machine.start(), { onTakeOver })).check();
});

// fault D20
test("time in which the watcher itself slept does not count: the holder may have slept, too", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine();
  await leaveUnseenLock(fs, machine);
  let taken = false;
  void take(fs, machine.start(here)).then(() => (taken = true));
  await machine.clock.advance(6_000);
  await machine.clock.block(3_600_000);
  await machine.clock.advance(60_000);
  expect(taken).toBe(false);
  await machine.clock.advance(60_000);
  expect(taken).toBe(true);
});

test("onLockWatched is called once before a lock is watched, and not if it is taken at once", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine();
  const told: unknown[] = [];
  const onLockWatched = (holder: unknown): void => void told.push(holder);
  await leaveUnseenLock(fs, machine);
  const taking = take(fs, machine.start(here), { onLockWatched });
  await machine.clock.advance(91_000);
  await taking;
  expect(told).toMatchObject([
    { host: expect.any(String) as string, pid: expect.any(Number) as number },
  ]);
  machine.killAll();
  await take(fs, machine.start(here), { onLockWatched });
  expect(told).toHaveLength(1);
});

test("waiting for a lock to lapse ends with the signal, and leaves nothing", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine();
  await leaveUnseenLock(fs, machine);
  const ending = new AbortController();
  const waiting = take(fs, machine.start(here), { signal: ending.signal });
  const ended = expect(waiting).rejects.toThrow("enough");
  await machine.clock.advance(30_000);
  ending.abort(new Error("enough"));
  await ended;
  expect(await fs.readdir("/locks")).toEqual(["a.lock"]);
});

test("a lock without a counter, of an older version, is taken by force only", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine();
  const { processes } = machine.start(elsewhere);
  const file = await fs.open(path, "create");
  const holder = { token: "0123456789abcdef", ...(await processes.self()) };
  await file.write(new TextEncoder().encode(JSON.stringify(holder)), 0);
  const refused = take(fs, machine.start(here));
  await expect(refused).rejects.toMatchObject({ name: "LockedError", mayForce: true });
  await (await take(fs, machine.start(here), { force: true })).check();
});

/** Makes a process that is stopped (SIGSTOP): its clock moves only when the test moves it. */
const sleeper = (machine: FakeMachine): FakeProcess => ({
  ...machine.start(here),
  clock: new ManualClock(),
});

test("a holder that is stopped until its lock is taken over finds it lost when it continues", async () => {
  const disk = await diskWithFolder();
  const machine = new FakeMachine();
  const stopped = sleeper(machine);
  const former = await take(disk, stopped);
  const taking = take(disk, machine.start(elsewhere));
  await machine.clock.advance(100_000);
  const next = await taking;
  const nextLock = await readWhole(disk, path);
  await stopped.clock.block(100_000);
  await expect(former.check()).rejects.toThrow(LockedError);
  await stopped.clock.advance(20_000);
  expect(await readWhole(disk, path)).toEqual(nextLock);
  await former.release();
  await next.check();
});

test("a holder that must not be late has lapsed 30 s after a renewal was due, and writes no more", async () => {
  const disk = await diskWithFolder();
  const machine = new FakeMachine();
  const lapses: Error[] = [];
  const lock = await take(disk, machine.start(), { onLapse: (error) => lapses.push(error) });
  await machine.clock.advance(20_000);
  expect(lock.ensure()).toBeNull();
  const before = await readWhole(disk, path);
  await machine.clock.block(36_000);
  expect(() => lock.ensure()).toThrow(LockLostError);
  await machine.clock.advance(20_000);
  expect(lapses).toHaveLength(1);
  await lock.release();
  expect(await readWhole(disk, path)).toEqual(before);
});

test("a disk that refuses renewals lets the lock lapse", async () => {
  const disk = await diskWithFolder();
  const machine = new FakeMachine();
  const faulty = new FaultyFs(disk, { at: 25, mode: "throw-on" });
  const lapses: Error[] = [];
  await take(faulty, machine.start(), { onLapse: (error) => lapses.push(error) });
  await machine.clock.advance(100_000);
  expect(lapses).toHaveLength(1);
});

// fault D20
test("after the machine slept, the lock is checked before anything is written", async () => {
  const disk = await diskWithFolder();
  const machine = new FakeMachine();
  const lapses: Error[] = [];
  const options = { onLapse: (error: Error) => lapses.push(error) };
  const lock = await take(disk, machine.start(), options);
  machine.clock.jumpWall(3_600_000);
  await lock.ensure();
  expect(lock.ensure()).toBeNull();
  machine.clock.jumpWall(3_600_000);
  await take(disk, machine.start(), { force: true }); // another process took over meanwhile
  await expect(lock.ensure()).rejects.toThrow(LockLostError);
  expect(lapses).toHaveLength(1);
});

test("a lock that is released while another process is about to take it over is taken at once", async () => {
  const disk = await diskWithFolder();
  const machine = new FakeMachine();
  const holder = await take(disk, machine.start());
  const claim = `${path}.${holder.token}`;
  const file = await disk.open(claim, "create"); // the right to follow, of one that goes back
  await holder.release();
  await disk.unlink(claim);
  await file.close();
  await (await take(disk, machine.start(elsewhere))).check();
});

// fault D17
test("of several processes that find a lapsed lock one takes it, in any order of their steps", async () => {
  for (let seed = 0; seed < 60; seed++) {
    const disk = await diskWithFolder();
    const machine = new FakeMachine();
    await leaveUnseenLock(disk, machine);
    const random = new Random(seed);
    const settled = Promise.allSettled(
      [here, here, "pid:[3]", "pid:[4]"].map((namespace) =>
        take(new SlowFs(disk, random), machine.start(namespace)),
      ),
    );
    await machine.clock.advance(300_000);
    const locks = (await settled).flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const checks = await Promise.allSettled(locks.map((lock) => lock.check()));
    expect(checks.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  }
});

// fault D17
test("a process that is stopped at any step of a takeover leaves one holder, whichever continues", async () => {
  for (let at = 0; at < 40; at++) {
    const disk = await diskWithFolder();
    const machine = new FakeMachine();
    await leaveUnseenLock(disk, machine);
    let steps = 0;
    let wake = (): void => undefined;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    const sleepy = new SlowFs(disk, new Random(at));
    const nap = new Proxy<FileSystem>(sleepy, {
      get: (of, name) => {
        const work: unknown = Reflect.get(of, name);
        if (typeof work !== "function") return work;
        return async (...given: unknown[]): Promise<unknown> => {
          if (steps++ === at) await asleep;
          return Reflect.apply(work, of, given);
        };
      },
    });
    const first = take(nap, machine.start(here)).catch((error: unknown) => error);
    await machine.clock.advance(100_000);
    const second = take(disk, machine.start("pid:[3]")).catch((error: unknown) => error);
    await machine.clock.advance(200_000);
    wake();
    await machine.clock.advance(200_000);
    const outcomes = await Promise.all([first, second]);
    const locks = outcomes.filter((one): one is Lock => !(one instanceof Error));
    const checks = await Promise.allSettled(locks.map((lock) => lock.check()));
    expect(
      checks.filter(({ status }) => status === "fulfilled"),
      `step ${at}`,
    ).toHaveLength(1);
  }
});

test("a link, a pipe or a folder at the lock's path is an error at once", async () => {
  const fs = await diskWithFolder();
  await fs.mkdir(path);
  const machine = new FakeMachine();
  await expect(take(fs, machine.start())).rejects.toMatchObject({ name: "NotAFileError" });
  fs.open = async () => Promise.reject(errno("EIO"));
  await expect(take(fs, machine.start())).rejects.toMatchObject({ code: "EIO" });
});
