import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { openDisk, portableUnpackers, type Disk, type DiskFormat } from "@img/disk-formats";
import { diskBytes, seeded } from "../../../disk-formats/src/testing/disk-bytes.js";
import { hasQemuImg, qemuImg } from "../../../disk-formats/src/testing/qemu-img.js";
import { readVector } from "../../../disk-formats/src/testing/read-vector.js";
import { openFileSource } from "../files/file-source.js";
import { openDiskSource } from "../files/disk-source.js";
import { sharedMemory } from "../hashing/digest.js";
import { DiskThreads } from "./disk-threads.js";
import { nodeUnpackers } from "./unpackers.js";

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "img-disk-threads-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const never = new AbortController().signal;
const MiB = 1024 * 1024;

/** A disk image, and the threads that read it. */
async function opened(path: string, format: DiskFormat) {
  const file = await openFileSource(path);
  const bytes = { sizeBytes: file.sizeBytes, read: file.readBytes.bind(file) };
  const unpackers = nodeUnpackers(portableUnpackers);
  const disk = await openDisk(bytes, { format, unpackers });
  const threads = new DiskThreads(disk, { fd: file.fd, sizeBytes: file.sizeBytes });
  onTestFinished(async () => {
    await threads.close();
    await file.close();
  });
  return { disk, threads };
}

async function vector(format: DiskFormat, name: string) {
  const path = join(folder, "image");
  await writeFile(path, readVector(format, `${name}.hex`).image);
  return opened(path, format);
}

async function readBy(
  reader: Pick<Disk, "read">,
  offset: number,
  lengthBytes: number,
): Promise<Uint8Array> {
  const into = sharedMemory(lengthBytes);
  into.fill(0xee);
  await reader.read(offset, into, never);
  return into;
}

test.each([
  ["qcow2", "deflate"],
  ["qcow2", "zstd"],
  ["vmdk", "stream-optimized"],
] as const)("threads read of a %s (%s) what the calling thread reads", async (format, name) => {
  const { disk, threads } = await vector(format, name);
  const whole = await readBy(disk, 0, disk.sizeBytes);
  expect(await readBy(threads, 0, disk.sizeBytes)).toEqual(whole);
  const middle = disk.sizeBytes >> 1;
  expect(await readBy(threads, middle, 700)).toEqual(whole.subarray(middle, middle + 700));
  expect(await readBy(threads, 0, 0)).toEqual(new Uint8Array());
});

test("a damaged block is the same error as without threads", async () => {
  const { disk, threads } = await vector("qcow2", "deflate-damaged");
  const told = await readBy(disk, 0, disk.sizeBytes).catch((error: unknown) => error);
  expect(told).toMatchObject({ code: "FORMAT_DAMAGED" });
  await expect(readBy(threads, 0, disk.sizeBytes)).rejects.toEqual(told);
});

test("a range beyond the disk is refused as without threads", async () => {
  const { disk, threads } = await vector("qcow2", "deflate");
  await expect(readBy(threads, disk.sizeBytes, 1)).rejects.toThrow(RangeError);
});

test("what threads that are gone cannot read is read by the calling one", async () => {
  const { disk, threads } = await vector("qcow2", "deflate");
  await threads.close();
  expect(await readBy(threads, 0, disk.sizeBytes)).toEqual(await readBy(disk, 0, disk.sizeBytes));
});

test("a read that was stopped rejects with the signal's reason", async () => {
  const { disk, threads } = await vector("qcow2", "deflate");
  const reason = new Error("stopped");
  const into = sharedMemory(disk.sizeBytes);
  await expect(threads.read(0, into, AbortSignal.abort(reason))).rejects.toBe(reason);
});

describe.runIf(hasQemuImg)("a disk of many pieces", () => {
  const disk = diskBytes(21 * MiB + 512);
  for (let at = 0; at < disk.length; at += 256 * 1024) disk.fill(at >> 18, at, at + 100_000);

  async function made(...flags: string[]): Promise<string> {
    await writeFile(join(folder, "raw"), disk);
    const path = join(folder, "image.qcow2");
    await qemuImg("convert", "-f", "raw", "-O", "qcow2", "-c", ...flags, join(folder, "raw"), path);
    return path;
  }

  test.each([64, 2048])("is read at any offset, in clusters of %i KiB", async (kib) => {
    const path = await made("-o", `cluster_size=${kib}k`);
    const { threads } = await opened(path, "qcow2");
    const random = seeded(7);
    const ranges = Array.from({ length: 6 }, () => [random(15 * MiB), random(6 * MiB)] as const);
    const reads = await Promise.all(ranges.map(([at, bytes]) => readBy(threads, at, bytes)));
    for (const [index, [at, bytes]] of ranges.entries()) {
      expect(Buffer.compare(reads[index]!, disk.subarray(at, at + bytes))).toBe(0);
    }
  });

  test("is read by threads into shared memory, and by the calling one into its own", async () => {
    const source = await openDiskSource(await made());
    const inThread = vi.spyOn(DiskThreads.prototype, "read");
    onTestFinished(() => inThread.mockRestore());
    const [own, shared] = [new Uint8Array(disk.length), sharedMemory(disk.length)];
    await source.read(0, own, never);
    expect(inThread).not.toHaveBeenCalled();
    await source.read(0, shared, never);
    expect(inThread).toHaveBeenCalledOnce();
    await source.close();
    for (const read of [own, shared]) expect(Buffer.compare(read, disk)).toBe(0);
  });

  test("that changes while it is read is SourceChangedError", async () => {
    const path = await made();
    const source = await openDiskSource(path);
    await writeFile(path, "another");
    const read = source.read(0, sharedMemory(disk.length), never);
    await expect(read).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
    await source.close();
  });
});
