import { describe, expect, test } from "vitest";
import { FakeMachine, type FakeProcess } from "./crash-test/fake-machine.js";
import { FaultyFs } from "./crash-test/faulty-fs.js";
import { errno, MemoryFs } from "./crash-test/memory-fs.js";
import { Random } from "./crash-test/random.js";
import { SlowFs } from "./crash-test/slow-fs.js";
import type { FileSystem } from "./file-system.js";
import { LockedError } from "./lock-errors.js";
import type { Lock } from "./lock.js";
import { lockHolder, takeLock } from "./lock.js";

const path = "/locks/a.lock";

async function diskWithFolder(): Promise<MemoryFs> {
  const fs = new MemoryFs();
  await fs.mkdir("/locks");
  return fs;
}

const take = (fs: FileSystem, process: FakeProcess, force = false): Promise<Lock> =>
  takeLock(fs, path, { ...process, force });

async function leaveDeadLock(fs: FileSystem, machine: FakeMachine): Promise<void> {
  await take(fs, machine.start());
  machine.killAll();
}

/** Lets a process die after `operations` while it takes the lock, so that it holds nothing from then on. */
async function dieWhileTaking(
  fs: FileSystem,
  machine: FakeMachine,
  operations: number,
): Promise<boolean> {
  const dying = new FaultyFs(fs, { at: operations, mode: "die-after" });
  const whole = take(dying, machine.start())
    .then((lock) => lock.release())
    .then(() => true);
  const finished = await Promise.race([whole, dying.died.then(() => false)]);
  machine.killAll();
  return finished;
}

test("a lock is held until it is released, and leaves no file", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine();
  const lock = await take(fs, machine.start());
  await lock.check();
  await expect(take(fs, machine.start())).rejects.toThrow(LockedError);
  await lock.release();
  expect(await fs.readdir("/locks")).toEqual([]);
  await (await take(fs, machine.start())).release();
});

test("the holder of a lock is named, unless it is dead", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine("cray");
  expect(await lockHolder(fs, path, machine.start().processes)).toBeNull();
  const process = machine.start();
  await take(fs, process);
  const { pid, host, sinceSec } = await process.processes.self();
  expect(await lockHolder(fs, path, machine.start().processes)).toMatchObject({ pid, host });
  expect(sinceSec).toBeGreaterThan(0);
  machine.killAll();
  expect(await lockHolder(fs, path, machine.start().processes)).toBeNull();
});

test("of processes that die one after another while they take a lock, each is replaced", async () => {
  for (let first = 0; first < 60; first++) {
    const fs = await diskWithFolder();
    const machine = new FakeMachine();
    await leaveDeadLock(fs, machine);
    if (await dieWhileTaking(fs, machine, first)) break;
    for (let second = 0; second < 60; second++) {
      if (await dieWhileTaking(fs, machine, second)) break;
    }
    const lock = await take(fs, machine.start());
    await lock.check();
    await lock.release();
    expect(await fs.readdir("/locks")).toEqual([]);
  }
});

/** Tries to take the lock, works for a while if it has it, and checks that no other process works then. */
async function contend(
  fs: FileSystem,
  process: FakeProcess,
  at: { work: number },
): Promise<string> {
  try {
    const lock = await take(fs, process);
    expect(++at.work).toBe(1);
    await fs.readdir("/locks");
    await lock.check();
    at.work--;
    await lock.release();
    return "worked";
  } catch (error) {
    if (error instanceof LockedError) return "locked out";
    throw error;
  }
}

describe.each(["no lock", "a dead lock", "a dead lock that was being let go of"])(
  "finding %s",
  (found) => {
    test("in any order of their steps, processes hold the lock one at a time, and at least one gets it", async () => {
      let worked = 0;
      for (let seed = 0; seed < 400; seed++) {
        const disk = await diskWithFolder();
        const machine = new FakeMachine();
        if (found !== "no lock") await leaveDeadLock(disk, machine);
        if (found.endsWith("let go of")) {
          const [name] = await disk.readdir("/locks");
          const { token } = JSON.parse(await contentsOf(disk, `/locks/${name!}`)) as {
            token: string;
          };
          await disk.link(path, `${path}.${token}`);
        }
        const random = new Random(seed);
        const at = { work: 0 };
        const contenders = Array.from({ length: 2 + random.below(6) }, () =>
          contend(new SlowFs(disk, random), machine.start(), at),
        );
        const outcomes = await Promise.all(contenders);
        expect(outcomes).toContain("worked");
        worked += outcomes.filter((outcome) => outcome === "worked").length;
        await (await take(disk, machine.start())).release();
        expect(await disk.readdir("/locks")).toEqual([]);
      }
      expect(worked).toBeGreaterThanOrEqual(400);
    });
  },
);

async function contentsOf(fs: FileSystem, of: string): Promise<string> {
  const file = await fs.open(of, "read");
  const bytes = new Uint8Array(1000);
  return new TextDecoder().decode(bytes.subarray(0, await file.read(bytes, 0)));
}

test("force takes the lock of a living process, which finds it lost", async () => {
  const fs = await diskWithFolder();
  const machine = new FakeMachine();
  const former = await take(fs, machine.start());
  const next = await take(fs, machine.start(), true);
  await expect(former.check()).rejects.toThrow(LockedError);
  await former.release();
  await next.check();
  await next.release();
  expect(await fs.readdir("/locks")).toEqual([]);
});

test("of processes that use force at once, exactly one holds the lock in the end, and knows it", async () => {
  for (let seed = 0; seed < 200; seed++) {
    const disk = await diskWithFolder();
    const machine = new FakeMachine();
    await take(disk, machine.start());
    const random = new Random(seed);
    const tries = Array.from({ length: 3 }, () =>
      take(new SlowFs(disk, random), machine.start(), true).catch(() => null),
    );
    const locks = (await Promise.all(tries)).filter((lock) => lock !== null);
    const checks = await Promise.allSettled(locks.map((lock) => lock.check()));
    expect(checks.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  }
});

// fault D08
test("on a file system without hard links, the lock is created in its place", async () => {
  for (const code of ["EPERM", "EACCES", "EXDEV", "EINVAL", "EMLINK", "ENOTSUP", "ENOSYS"]) {
    const fs = await diskWithFolder();
    fs.link = async () => {
      throw errno(code);
    };
    const machine = new FakeMachine();
    await leaveDeadLock(fs, machine);
    const lock = await take(fs, machine.start());
    await lock.check();
    await expect(take(fs, machine.start())).rejects.toThrow(LockedError);
    await lock.release();
    expect(await fs.readdir("/locks")).toEqual([]);
  }
});

test("a link that was made although the file system reported EEXIST is a lock", async () => {
  const fs = await diskWithFolder();
  const link = fs.link.bind(fs);
  fs.link = async (from, to) => {
    await link(from, to);
    throw errno("EEXIST"); // as NFS does when an answer was lost
  };
  const lock = await take(fs, new FakeMachine().start());
  await lock.check();
});

test("releasing a lock that was deleted is not an error", async () => {
  const fs = await diskWithFolder();
  const lock = await take(fs, new FakeMachine().start());
  await fs.unlink(path);
  await expect(lock.check()).rejects.toMatchObject({ name: "LockLostError" });
  await lock.release();
});

test("files that cannot be removed are left, without an error", async () => {
  const fs = await diskWithFolder();
  await fs.mkdir(`${path}.0123456789abcdef`);
  fs.readdir = async () => Promise.reject(errno("EIO"));
  await take(fs, new FakeMachine().start());
});

test("a disk error while a lock is taken leaves nothing that would block the same process", async () => {
  for (let at = 0; at < 12; at++) {
    const disk = await diskWithFolder();
    const machine = new FakeMachine();
    await leaveDeadLock(disk, machine);
    const process = machine.start();
    await take(new FaultyFs(disk, { at, mode: "throw-once" }), process).then(
      (lock) => lock.release(),
      () => undefined,
    );
    await take(disk, process);
  }
});

test("an unreadable lock, as on a damaged disk, is taken only by force", async () => {
  const disk = await diskWithFolder();
  const file = await disk.open(path, "create");
  await file.write(new TextEncoder().encode("{"), 0);
  const machine = new FakeMachine();
  expect(await lockHolder(disk, path, machine.start().processes)).toBeNull();
  await expect(take(disk, machine.start())).rejects.toMatchObject({ holder: null, mayForce: true });
  const lock = await take(disk, machine.start(), true);
  await file.truncate(0);
  await lock.check();
});
