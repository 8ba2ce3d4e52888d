import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { realFileSystem, realProcesses, takeLock } from "@img/files";
import { describeJournal, download, findImage } from "@img/transfer";
import { fastLockClock } from "../../files/src/testing/fast-lock-clock.js";
import { openFileSink } from "./files/file-sink.js";
import { partPathOf } from "./files/file-target.js";
import { journalBeside } from "./journals/journal-store.js";
import { nodePlatform } from "./platform.js";
import { MiB, partBytes, seededBytes, sha256Of } from "./testing/seeded.js";
import { openWorld, sha256OfFile } from "./testing/world.js";

const bytes = seededBytes("download", 5 * partBytes);

/** A download that ended after some of its parts. */
async function interrupted() {
  const world = await openWorld();
  await world.image("image", bytes);
  const target = world.path("target");
  const fault = world.server.faults.add({
    on: "download",
    nth: 4,
    times: Infinity,
    do: "answer",
    status: 501,
  });
  await expect(world.download("image", target, { lanes: 1 })).rejects.toThrow();
  fault.remove();
  const [stored] = await journalBeside(partPathOf(target)).list();
  const receipts = describeJournal(stored!).partsDone;
  expect(receipts).toBeGreaterThan(1);
  return { world, target, receipts, server: stored!.key.server };
}

const asRoot = process.getuid?.() === 0;

test.runIf(asRoot).each([
  ["has another owner", (path: string) => chown(path, 65_534, 65_534)],
  ["may be written by all", (path: string) => chmod(path, 0o666)],
  ["has another name, too", (path: string) => link(path, `${path}.other`)],
])("a part file that %s is replaced, and nothing of it becomes the image", async (_, change) => {
  const { world, target } = await interrupted();
  const foreign = await open(partPathOf(target), "r+");
  await change(partPathOf(target));

  const result = await world.download("image", target);
  await foreign.write(Buffer.alloc(MiB), 0, MiB, 0); // its owner changes it afterwards
  await foreign.close();

  expect(result).toMatchObject({ resumed: false, receivedBytes: bytes.length });
  expect(await sha256OfFile(target)).toBe(sha256Of(bytes));
  expect(await lstat(target)).toMatchObject({ uid: 0, nlink: 1 });
  expect((await lstat(target)).mode & 0o022).toBe(0);
});

test("a part file that another program made is replaced by a new one", async () => {
  const world = await openWorld();
  await world.image("image", bytes);
  const target = world.path("target");
  await writeFile(partPathOf(target), bytes);
  const { ino } = await lstat(partPathOf(target));
  const result = await world.download("image", target);
  expect(result).toMatchObject({ resumed: false, receivedBytes: bytes.length });
  expect((await lstat(target)).ino).not.toBe(ino);
});

const makes: [string, RegExp, (path: string) => unknown][] = [
  ["a pipe", /is a pipe/, (path) => execFileSync("mkfifo", [path])],
  ["a link to a file", /is a symbolic link/, (path) => symlink("/etc/hostname", path)],
  ["a link to nothing", /is a symbolic link/, (path) => symlink("nowhere", path)],
  ["a folder", /is a folder/, (path) => mkdir(path)],
];

test.each(
  ["", ".journal", ".lock"].flatMap((ending) =>
    makes.map(([what, message, make]) => [what, ending, message, make] as const),
  ),
)("%s at TARGET.img-part%s is told at once, and left alone", async (_, ending, message, make) => {
  const world = await openWorld();
  await world.image("image", bytes);
  const target = world.path("target");
  const path = `${partPathOf(target)}${ending}`;
  await make(path);
  const { ino } = await lstat(path);
  await expect(world.download("image", target)).rejects.toMatchObject({
    code: ending === "" ? "TARGET_UNUSABLE" : "JOURNAL_IO",
    message: expect.stringMatching(message) as string,
  });
  expect((await lstat(path)).ino).toBe(ino);
  expect(existsSync(target)).toBe(false);
  await rm(path, { recursive: true }); // to read a pipe, as a look at what is left would, waits for ever
});

test("a download that is refused leaves no part file", async () => {
  const world = await openWorld();
  const target = world.path("folder/target");
  await mkdir(dirname(target));
  await expect(world.download("image_missing", target)).rejects.toMatchObject({
    code: "IMAGE_NOT_FOUND",
  });
  await world.api("POST", "", { name: "unfinished" });
  await expect(world.download("unfinished", target)).rejects.toThrow();
  await world.image("image", bytes);
  const lock = await takeLock(realFileSystem, `${partPathOf(target)}.lock`);
  await expect(world.download("image", target)).rejects.toMatchObject({ code: "TRANSFER_LOCKED" });
  await lock.release();
  expect(await readdir(dirname(target))).toEqual([]);
});

/** As the process of an earlier download that stood still, and has its part file open. */
async function standingStill(target: string, pidNamespace?: string) {
  const processes = {
    ...realProcesses,
    self: async () => ({
      ...(await realProcesses.self()),
      ...(pidNamespace === undefined ? {} : { pidNamespace }),
    }),
  };
  // It renews nothing.
  const clock = fastLockClock(1 / 1000);
  const path = `${partPathOf(target)}.lock`;
  const lock = await takeLock(realFileSystem, path, { processes, clock, mode: 0o666 });
  const part = await open(partPathOf(target), "r+");
  return {
    write: async (bytes: Buffer, position: number) => {
      await part.write(bytes, 0, bytes.length, position);
    },
    close: async () => {
      await part.close();
      await lock.release();
    },
  };
}

test("a download that follows by force shares no file with its predecessor, and keeps what has its CRC-32", async () => {
  const { world, target, receipts } = await interrupted();
  const former = await standingStill(target);
  const before = await lstat(partPathOf(target));
  await former.write(Buffer.from("changed"), 3); // in the first part
  const result = await world.download("image", target, { force: true });
  await former.write(Buffer.alloc(MiB), partBytes);
  await former.close();
  const receivedBytes = bytes.length - (receipts - 1) * partBytes;
  expect(result).toMatchObject({ resumed: true, receivedBytes, verified: true });
  expect(await sha256OfFile(target)).toBe(sha256Of(bytes));
  expect((await lstat(target)).ino).not.toBe(before.ino);
  expect((await readdir(dirname(target))).filter((name) => name.includes("img-part"))).toEqual([]);
});

test("a download that follows after 90 s without a renewal shares no file with its predecessor", async () => {
  const { world, target, receipts, server } = await interrupted();
  const former = await standingStill(target, "pid:[1]");
  const before = await lstat(partPathOf(target));
  const machine = { processes: realProcesses, clock: fastLockClock(45) };
  const journals = journalBeside(partPathOf(target), realFileSystem, machine);
  const { client } = world;
  const platform = nodePlatform(journals, partPathOf(target));
  const image = await findImage({ client, platform }, "image", {});
  const sink = await openFileSink(target, { overwrite: false, sparse: true }, realFileSystem);
  const task = { client, server, image, sink, platform };
  const result = await download(task, {});
  await former.write(Buffer.alloc(MiB), 0);
  await Promise.all([former.close(), sink.close()]);
  const receivedBytes = bytes.length - receipts * partBytes;
  expect(result).toMatchObject({ resumed: true, receivedBytes, verified: true });
  expect(await sha256OfFile(target)).toBe(sha256Of(bytes));
  expect((await lstat(target)).ino).not.toBe(before.ino);
});
