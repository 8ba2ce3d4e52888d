import { renameSync, utimesSync } from "node:fs";
import { readdir, rename, stat, utimes, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { DiskDescription } from "@img/disk-formats";
import { diskBytes } from "../../disk-formats/src/testing/disk-bytes.js";
import { hasQemuImg, qemuImg } from "../../disk-formats/src/testing/qemu-img.js";
import { readVector } from "../../disk-formats/src/testing/read-vector.js";
import { convertImage } from "./convert-image.js";
import { resumeUpload } from "./transfers.js";
import { MiB, partBytes, sha256Of } from "./testing/seeded.js";
import { whenAsked } from "./testing/when-asked.js";
import { openWorld, type World } from "./testing/world.js";

const imageOf = (format: string, name: string): Uint8Array =>
  readVector(format, `${name}.hex`).image;

/** What `qcow2/version-3.hex` is of. */
function smallDisk(): Buffer {
  const disk = Buffer.alloc(5120);
  disk.fill(0xaa, 0, 512).fill(0xbb, 1536, 2236).fill(0xcc, 4096, 4608);
  return disk;
}

describe("an upload", () => {
  test("of a disk image sends the raw disk that it describes, whatever the file is called", async () => {
    const world = await openWorld();
    const path = await world.file("debian.img", imageOf("qcow2", "version-3"));
    const told: DiskDescription[] = [];

    const result = await world.upload(path, { onDisk: (disk) => told.push(disk) });

    expect(result).toMatchObject({ sha256: sha256Of(smallDisk()), sizeBytes: 5120 });
    expect(await world.storedSha256(result.image.id)).toBe(sha256Of(smallDisk()));
    expect(told).toEqual([
      { format: "qcow2", variant: "version 3", sizeBytes: 5120, dataBytes: 5120, fileBytes: 7680 },
    ]);
  });

  test.each([
    ["qcow2", "deflate"],
    ["qcow2", "zstd"],
    ["qcow2", "subclusters"],
    ["vmdk", "stream-optimized"],
    ["vhd", "fixed"],
    ["vhdx", "dynamic"],
    ["vdi", "dynamic"],
  ])("of %s (%s) stores what a conversion of it gives", async (format, name) => {
    const world = await openWorld();
    const path = await world.file("image", imageOf(format, name));
    await convertImage(path, world.path("disk.raw"));
    const result = await world.upload(path);
    const raw = await world.upload(world.path("disk.raw"), { format: "raw" });
    expect(result.sha256).toBe(raw.sha256);
  });

  test('with format "raw" sends the bytes of the file as they are', async () => {
    const world = await openWorld();
    const image = imageOf("qcow2", "version-3");
    const path = await world.file("image.qcow2", image);
    const onDisk = (): void => expect.unreachable("it is no disk image then");
    const result = await world.upload(path, { format: "raw", onDisk });
    expect(result.sha256).toBe(sha256Of(image));
  });

  test.each([
    ["a damaged image", imageOf("qcow2", "truncated"), "FORMAT_DAMAGED"],
    ["an image that needs another file", imageOf("qcow2", "backing-file"), "FORMAT_UNSUPPORTED"],
    ["a disk of 129 GiB", qcow2Of(129 * 1024 * MiB), "IMAGE_SIZE"],
  ])("of %s is refused before anything is sent", async (_, image, code) => {
    const world = await openWorld();
    const path = await world.file("image.qcow2", image);
    await expect(world.upload(path)).rejects.toMatchObject({ code });
    expect(world.server.requests.create).toBe(0);
    expect(await readdir(world.stateDir)).toEqual([]);
  });

  test("of a format that is not the file's, or is none, is refused", async () => {
    const world = await openWorld();
    const path = await world.file("image.qcow2", imageOf("qcow2", "version-3"));
    await expect(world.upload(path, { format: "vdi" })).rejects.toMatchObject({
      code: "FORMAT_MISMATCH",
    });
    await expect(world.upload(path, { format: "iso" as "raw" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });

  test("of a name that is taken by the very same disk finds it", async () => {
    const world = await openWorld();
    const path = await world.file("image.qcow2", imageOf("qcow2", "version-3"));
    await world.image("image.qcow2", smallDisk());
    const result = await world.upload(path, { ifNameTaken: "verify" });
    expect(result).toMatchObject({ sha256: sha256Of(smallDisk()), sentBytes: 0 });
  });
});

/** An empty disk of this size: a header, and a first-level table of zeros. */
function qcow2Of(sizeBytes: number): Uint8Array {
  const image = Buffer.alloc(64 * 1024);
  image.set(imageOf("qcow2", "version-3").subarray(0, 104));
  image.writeUInt32BE(16, 20); // clusters of 64 KiB
  image.writeBigUInt64BE(BigInt(sizeBytes), 24);
  image.writeUInt32BE(Math.ceil(sizeBytes / (512 * MiB)), 36);
  image.writeBigUInt64BE(BigInt(64 * 1024), 40);
  return Buffer.concat([image, Buffer.alloc(64 * 1024)]);
}

describe("verifying", () => {
  test("compares the raw disk with the image", async () => {
    const world = await openWorld();
    const path = await world.file("image.vhdx", imageOf("vhdx", "dynamic"));
    const { image, sha256 } = await world.upload(path, { verify: "download" });
    expect(await world.verify(path, image.id)).toMatchObject({ sha256, told: true });
    await expect(world.verify(path, image.id, { format: "raw" })).rejects.toMatchObject({
      code: "IMAGE_DIFFERS",
    });
  });
});

const options = [
  ["uncompressed", []],
  ["compressed", ["-c"]],
  ["zstd", ["-c", "-o", "compression_type=zstd"]],
] as const;

describe.runIf(hasQemuImg)("an upload of a qcow2 that was interrupted", () => {
  test.each(options)("(%s) is resumed, and what was sent is read again", async (_, flags) => {
    const { world, path, disk } = await interrupted(flags);
    const result = await world.upload(path);
    expect(result).toMatchObject({ resumed: true, sha256: sha256Of(disk) });
    expect(result.sentBytes).toBeLessThan(disk.length);
    expect(await world.storedSha256(result.image.id)).toBe(sha256Of(disk));
  });

  test("is resumed where only the file's times differ", async () => {
    const { world, path, disk } = await interrupted([]);
    await utimes(path, 1, 1);
    expect(await world.upload(path)).toMatchObject({ resumed: true, sha256: sha256Of(disk) });
  });

  // fault D61
  test("is completed where the file is touched while it is resumed", async () => {
    const { world, path, disk } = await interrupted([]);
    whenAsked(world, "part", 1, () => utimesSync(path, 1, 1));
    const result = await world.upload(path);
    expect(result).toMatchObject({ resumed: true, sha256: sha256Of(disk) });
  });

  // fault D61
  test("is not completed where another disk takes its place while it is resumed", async () => {
    const { world, path, disk } = await interrupted([]);
    const { size } = await stat(path);
    await rename(path, `${path}.former`);
    disk.fill(0x55, 100, 200);
    await rename(await makeQcow2(world, disk, []), `${path}.other`);
    await rename(`${path}.former`, path);
    expect((await stat(`${path}.other`)).size).toBe(size);
    whenAsked(world, "part", 1, () => renameSync(`${path}.other`, path));
    await expect(world.upload(path)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
    expect(world.server.requests.complete).toBe(0);
  });

  test("is not resumed with another disk of that size", async () => {
    const { world, path, disk } = await interrupted([]);
    disk.fill(0x55, 100, 200);
    await makeQcow2(world, disk, []);
    await expect(world.upload(path)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  });

  test("is not resumed in another format", async () => {
    const { world, path } = await interrupted([]);
    await expect(world.upload(path, { format: "raw" })).rejects.toMatchObject({
      code: "SOURCE_CHANGED",
      message: expect.stringContaining("read as qcow2; now it is read as raw") as string,
    });
  });

  test("is resumed by its name in the format that it was begun with", async () => {
    const { world, path } = await interrupted([], "raw");
    const { client, stateDir } = world;
    const result = await resumeUpload("image.qcow2", { client, stateDir });
    expect(result).toMatchObject({ resumed: true, sizeBytes: (await stat(path)).size });
  });
});

/** Several parts long, with data in all of them. */
async function interrupted(
  flags: readonly string[],
  format: "auto" | "raw" = "auto",
): Promise<{ world: World; path: string; disk: Uint8Array }> {
  const world = await openWorld();
  const disk = diskBytes(4 * partBytes + 512);
  for (let at = 0; at < disk.length; at += 64 * 1024) disk.fill(at >> 16, at, at + 20_000);
  const path = await makeQcow2(world, disk, flags);
  const pause = new AbortController();
  const reason = new Error("paused");
  const onPart = (): void => pause.abort(reason);
  const first = world.upload(path, { signal: pause.signal, onPart, lanes: 1, format });
  await expect(first).rejects.toBe(reason);
  return { world, path, disk };
}

async function makeQcow2(
  world: World,
  disk: Uint8Array,
  flags: readonly string[],
): Promise<string> {
  const raw = await world.file("source.raw", disk);
  const path = world.path("image.qcow2");
  await qemuImg("convert", "-f", "raw", "-O", "qcow2", ...flags, raw, path);
  return path;
}

describe("a conversion", () => {
  test("writes the raw disk, with holes where the image has none of it", async () => {
    const world = await openWorld();
    const path = await world.file("image.vmdk", imageOf("vmdk", "monolithic-sparse"));
    const told: number[] = [];
    const onProgress = ({ doneBytes }: { doneBytes: number }): number => told.push(doneBytes);
    const result = await convertImage(path, world.path("disk.raw"), { onProgress });
    expect(result).toEqual({ format: "vmdk", sizeBytes: 332_288, dataBytes: 135_680 });
    const { size, blocks } = await stat(world.path("disk.raw"));
    expect(size).toBe(332_288);
    expect(blocks * 512).toBeLessThan(300_000);
    expect(told.at(-1)).toBe(332_288);
    expect((await readdir(world.folder)).filter((name) => name.includes("img-part"))).toEqual([]);
  });

  test("replaces a file only where it may, and leaves nothing of what fails", async () => {
    const world = await openWorld();
    const path = await world.file("image.vmdk", imageOf("vmdk", "monolithic-sparse"));
    const target = await world.file("disk.raw", Buffer.from("here already"));
    await expect(convertImage(path, target)).rejects.toMatchObject({ code: "TARGET_EXISTS" });
    await convertImage(path, target, { overwrite: true });
    const damaged = await world.file("damaged.qcow2", imageOf("qcow2", "deflate-damaged"));
    await expect(convertImage(damaged, world.path("new.raw"))).rejects.toMatchObject({
      code: "FORMAT_DAMAGED",
    });
    const reason = new Error("stopped");
    const stopped = convertImage(path, world.path("new.raw"), {
      signal: AbortSignal.abort(reason),
    });
    await expect(stopped).rejects.toBe(reason);
    expect((await readdir(world.folder)).filter((name) => /new|img-part/.test(name))).toEqual([]);
  });

  test("leaves an unfinished download to that file alone", async () => {
    const world = await openWorld();
    const path = await world.file("image.vmdk", imageOf("vmdk", "monolithic-sparse"));
    await writeFile(world.path("disk.raw.img-part.journal"), "img-journal 2 …");
    await expect(convertImage(path, world.path("disk.raw"))).rejects.toMatchObject({
      code: "TARGET_UNUSABLE",
    });
  });
});
