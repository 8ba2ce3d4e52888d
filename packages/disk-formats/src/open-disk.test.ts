import { describe, expect, test } from "vitest";
import { detectFormat, openDisk, type DiskRun } from "./index.js";
import { MemoryFile, never } from "./testing/open-file.js";
import { readVector } from "./testing/read-vector.js";

const KiB = 1024;
const imageOf = (format: string, name: string): Uint8Array =>
  readVector(format, `${name}.hex`).image;
const openVector = async (format: string, name: string) => {
  const file = new MemoryFile(imageOf(format, name));
  return { file, disk: await openDisk(file) };
};

async function runsOf(runs: AsyncIterable<DiskRun>): Promise<string[]> {
  const found: string[] = [];
  for await (const { offset, lengthBytes, isZero } of runs) {
    found.push(`${isZero ? "zeros" : "data"} ${offset} ${lengthBytes}`);
  }
  return found;
}

describe("the format", () => {
  test("is told by the content, in every format", async () => {
    const found = await Promise.all(
      [
        ["qcow2", "version-3"],
        ["vmdk", "stream-optimized"],
        ["vmdk", "flat"],
        ["vhd", "fixed"],
        ["vhd", "dynamic"],
        ["vhdx", "dynamic"],
        ["vdi", "dynamic"],
        ["raw", "empty"],
      ].map(([format = "", name = ""]) =>
        detectFormat(new MemoryFile(imageOf(format, name)), never),
      ),
    );
    expect(found).toEqual(["qcow2", "vmdk", "vmdk", "vhd", "vhd", "vhdx", "vdi", "raw"]);
  });

  test("raw takes the bytes of any file as they are", async () => {
    const image = imageOf("qcow2", "version-3");
    const disk = await openDisk(new MemoryFile(image), { format: "raw" });
    const bytes = new Uint8Array(disk.sizeBytes);
    await disk.read(0, bytes, never);
    expect(bytes).toEqual(image);
    expect(await disk.describe(never)).toEqual({
      format: "raw",
      variant: "",
      sizeBytes: image.length,
      dataBytes: image.length,
      fileBytes: image.length,
    });
  });

  test("that the caller names must be the file's", async () => {
    const file = new MemoryFile(imageOf("qcow2", "version-3"));
    await expect(openDisk(file, { format: "vmdk" })).rejects.toMatchObject({
      code: "FORMAT_MISMATCH",
      message: "The file is not a vmdk image, but qcow2. Let the format be detected.",
    });
    const raw = new MemoryFile(new Uint8Array(4096));
    await expect(openDisk(raw, { format: "vhdx" })).rejects.toMatchObject({
      code: "FORMAT_MISMATCH",
    });
  });
});

describe("runs", () => {
  test("tell data from zeros without reading data", async () => {
    const { file, disk } = await openVector("vmdk", "monolithic-sparse");
    file.readBytes = 0;
    expect(await runsOf(disk.runs(0, disk.sizeBytes, never))).toEqual([
      "data 0 65536",
      "zeros 65536 65536",
      "data 131072 65536",
      "zeros 196608 131072",
      "data 327680 4608",
    ]);
    expect(file.readBytes).toBeLessThan(4 * KiB);
  });

  test("begin and end where they are asked to", async () => {
    const { disk } = await openVector("vmdk", "monolithic-sparse");
    expect(await runsOf(disk.runs(60_000, 132_000, never))).toEqual([
      "data 60000 5536",
      "zeros 65536 65536",
      "data 131072 928",
    ]);
    expect(await runsOf(disk.runs(disk.sizeBytes, disk.sizeBytes, never))).toEqual([]);
  });
});

describe("reading", () => {
  test("zeros reads nothing but tables, and those once", async () => {
    const { file, disk } = await openVector("vmdk", "monolithic-sparse");
    const zeros = new Uint8Array(100_000).fill(0xee);
    await disk.read(200_000, zeros, never);
    expect(zeros.every((byte) => byte === 0)).toBe(true);
    file.readBytes = 0;
    await disk.read(200_000, zeros, never);
    expect(file.readBytes).toBe(0);
  });

  test("clusters that follow each other in the file is one read", async () => {
    const { file, disk } = await openVector("qcow2", "version-3");
    await disk.describe(never);
    file.readBytes = file.longestRead = 0;
    await disk.read(0, new Uint8Array(5120), never);
    expect(file.longestRead).toBe(5120);
    expect(file.readBytes).toBe(5120);
  });

  test("a compressed block piece by piece unpacks it once", async () => {
    const { file, disk } = await openVector("vmdk", "stream-optimized");
    await disk.read(0, new Uint8Array(100), never);
    file.readBytes = 0;
    for (let at = 0; at < 60_000; at += 1000) await disk.read(at, new Uint8Array(1000), never);
    expect(file.readBytes).toBe(0);
  });

  test("past the end, or before the beginning, is a RangeError", async () => {
    const { disk } = await openVector("qcow2", "version-3");
    for (const [at, lengthBytes] of [
      [5120, 1],
      [-1, 1],
      [0, 5121],
      [0.5, 1],
      [Number.NaN, 1],
    ] as const) {
      await expect(disk.read(at, new Uint8Array(lengthBytes), never)).rejects.toThrow(RangeError);
    }
    await expect(disk.read(5120, new Uint8Array(0), never)).resolves.toBeUndefined();
  });

  test("rejects with the signal's reason, and with what reading the file rejects with", async () => {
    const { file, disk } = await openVector("qcow2", "deflate");
    const reason = new Error("stopped");
    const aborted = AbortSignal.abort(reason);
    await expect(disk.read(0, new Uint8Array(10), aborted)).rejects.toBe(reason);
    await expect(disk.describe(aborted)).rejects.toBe(reason);
    await expect(openDisk(file, { signal: aborted })).rejects.toBe(reason);
    const broken = new Error("the disk is gone");
    file.read = () => Promise.reject(broken);
    await expect(disk.read(0, new Uint8Array(10), never)).rejects.toBe(broken);
  });
});

test("compressed blocks are unpacked by the caller's unpackers", async () => {
  const asked: string[] = [];
  const disk = await openDisk(new MemoryFile(imageOf("qcow2", "deflate")), {
    unpackers: {
      inflate: (_, mostBytes) => (
        asked.push(`inflate ${mostBytes}`),
        new Uint8Array(mostBytes).fill(1)
      ),
      zlib: () => Promise.reject(new Error("not asked for")),
      zstd: () => Promise.reject(new Error("not asked for")),
    },
  });
  const cluster = new Uint8Array(512);
  await disk.read(0, cluster, never);
  expect(asked).toEqual(["inflate 512"]);
  expect(cluster.every((byte) => byte === 1)).toBe(true);
});
