import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDisk, type Disk, type DiskFormat } from "./index.js";
import { diskBytes, seeded } from "./testing/disk-bytes.js";
import { never, withFile } from "./testing/open-file.js";
import { readVector } from "./testing/read-vector.js";
import { hasQemuImg, qemuImg, qemuIo, rawByQemuImg } from "./testing/qemu-img.js";

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const sizeBytes = 3 * MiB + 5 * 512;

/** The arguments of `qemu-img convert`, which calls the driver for VHD `vpc`. */
interface Made {
  readonly title: string;
  readonly format: DiskFormat;
  readonly options: string;
  readonly isCompressed?: true;
  /** Commands of qemu-io that are run afterwards. */
  readonly then?: readonly string[];
}

const qcow2 = (options: string, more: Partial<Made> = {}): Made => ({
  title: `${options}${more.isCompressed === true ? ", compressed" : ""}`,
  format: "qcow2",
  options,
  ...more,
});

const clusterSizes = ["512", "1k", "4k", "64k", "256k", "2M"];

/** In version 3, a cluster of zeros may or may not have space in the file. */
const rewritten = [
  "write -P 7 200k 300k",
  "write -z 220k 100k",
  "write -z -u 1M 256k",
  "discard 1600k 200k",
  "write -P 9 1100k 1k",
];

const made: readonly Made[] = [
  ...clusterSizes.map((size) => qcow2(`cluster_size=${size}`)),
  ...clusterSizes.map((size) => qcow2(`cluster_size=${size}`, { isCompressed: true })),
  ...clusterSizes.map((size) =>
    qcow2(`compression_type=zstd,cluster_size=${size}`, { isCompressed: true }),
  ),
  qcow2("compat=0.10"),
  qcow2("compat=0.10", { isCompressed: true, then: ["write -P 7 200k 300k"] }),
  qcow2("compat=0.10,cluster_size=512", { then: ["write -P 7 200k 300k", "discard 0 64k"] }),
  qcow2("lazy_refcounts=on"),
  qcow2("refcount_bits=1"),
  qcow2("refcount_bits=64"),
  qcow2("preallocation=metadata"),
  qcow2("preallocation=falloc"),
  qcow2("preallocation=full"),
  qcow2("cluster_size=64k", { title: "zeroed and discarded", then: rewritten }),
  qcow2("cluster_size=512", { title: "small clusters, zeroed and discarded", then: rewritten }),
  qcow2("cluster_size=4k", {
    title: "compressed, then rewritten",
    isCompressed: true,
    then: rewritten,
  }),
  qcow2("extended_l2=on"),
  qcow2("extended_l2=on,cluster_size=16k"),
  qcow2("extended_l2=on,cluster_size=2M"),
  qcow2("extended_l2=on", { isCompressed: true }),
  qcow2("extended_l2=on,compression_type=zstd", { isCompressed: true, then: rewritten }),
  qcow2("extended_l2=on", { title: "subclusters, zeroed and discarded", then: rewritten }),
  { title: "monolithicSparse", format: "vmdk", options: "subformat=monolithicSparse" },
  {
    title: "monolithicSparse with zeroed grains",
    format: "vmdk",
    options: "subformat=monolithicSparse,zeroed_grain=on",
    then: ["write -P 7 200k 300k", "write -z 256k 128k"],
  },
  { title: "monolithicSparse, compat6", format: "vmdk", options: "compat6=on" },
  { title: "streamOptimized", format: "vmdk", options: "subformat=streamOptimized" },
  { title: "dynamic", format: "vhd", options: "subformat=dynamic" },
  { title: "dynamic of the exact size", format: "vhd", options: "subformat=dynamic,force_size=on" },
  {
    title: "dynamic, rewritten",
    format: "vhd",
    options: "force_size=on",
    then: ["write -P 7 1M 1k"],
  },
  { title: "fixed", format: "vhd", options: "subformat=fixed" },
  { title: "fixed of the exact size", format: "vhd", options: "subformat=fixed,force_size=on" },
  { title: "dynamic", format: "vhdx", options: "subformat=dynamic" },
  { title: "dynamic, blocks of 1 MiB", format: "vhdx", options: "block_size=1M" },
  {
    title: "dynamic, no zero state",
    format: "vhdx",
    options: "block_size=1M",
    then: ["write -z 1M 1M"],
  },
  { title: "fixed", format: "vhdx", options: "subformat=fixed" },
  { title: "dynamic", format: "vdi", options: "" },
  { title: "static", format: "vdi", options: "static=on" },
  { title: "dynamic, rewritten", format: "vdi", options: "", then: ["write -P 7 1M 1k"] },
];

const large = [
  { format: "qcow2", options: "cluster_size=64k" },
  { format: "qcow2", options: "extended_l2=on" },
  { format: "vmdk", options: "" },
  { format: "vhd", options: "force_size=on" },
  { format: "vhdx", options: "block_size=1M" },
  { format: "vdi", options: "" },
] as const;

const driver = (format: DiskFormat): string => (format === "vhd" ? "vpc" : format);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "img-qemu-"));
  await writeFile(join(folder, "source.raw"), diskBytes(sizeBytes));
});
afterAll(() => rm(folder, { recursive: true }));

async function make({ format, options, isCompressed, then = [] }: Made): Promise<string> {
  const path = join(folder, `disk.${format}`);
  await rm(path, { force: true });
  const flags = ["-f", "raw", "-O", driver(format), ...(isCompressed === true ? ["-c"] : [])];
  const asked = options === "" ? [] : ["-o", options];
  await qemuImg("convert", ...flags, ...asked, join(folder, "source.raw"), path);
  if (then.length > 0) await qemuIo(path, driver(format), then);
  return path;
}

describe.runIf(hasQemuImg)("the raw disk is the one that qemu-img makes", () => {
  test.each(made)("$format: $title", async (each) => {
    const path = await make(each);
    await expectSame(path, each.format);
  });

  test("qcow2: what internal snapshots hold is not the disk's", async () => {
    const path = await make(qcow2("cluster_size=4k"));
    await qemuImg("snapshot", "-c", "before", path);
    await qemuIo(path, "qcow2", ["write -P 7 200k 300k", "discard 1M 1M"]);
    await qemuImg("snapshot", "-c", "after", path);
    await qemuIo(path, "qcow2", ["write -P 8 300k 300k"]);
    await expectSame(path, "qcow2");
  });

  test("qcow2: a disk that has grown reads as zeros there", async () => {
    const path = await make(qcow2("cluster_size=512"));
    await qemuImg("resize", path, "5M");
    await expectSame(path, "qcow2");
  });

  test("vmdk: a directory of which only the footer knows", async () => {
    const path = join(folder, "footer.vmdk");
    await writeFile(path, readVector("vmdk", "footer.hex").image);
    await expectSame(path, "vmdk");
  });

  // Beyond 4 GiB, offsets have more than 32 bits, and a VHDX's table has entries between those of its
  // blocks.
  test.each(large)("$format $options: data beyond 4 GiB", async ({ format, options }) => {
    const path = join(folder, `large.${format}`);
    const asked = options === "" ? [] : ["-o", options];
    await qemuImg("create", "-f", driver(format), ...asked, path, `${5 * GiB}`);
    await qemuIo(path, driver(format), ["write -P 1 0 64k", "write -P 2 4194200k 200k"]);
    await qemuIo(path, driver(format), ["write -P 3 5242816k 64k"]);
    await withFile(path, async (file) => {
      const disk = await openDisk(file);
      expect(disk.sizeBytes).toBe(5 * GiB);
      expect(await byteAt(disk, 0)).toBe(1);
      for (const at of [4_194_199, 4_194_400]) expect(await byteAt(disk, at * KiB)).toBe(0);
      for (const at of [4_194_200, 4_194_304, 4_194_399]) {
        expect(await byteAt(disk, at * KiB)).toBe(2);
      }
      expect(await byteAt(disk, 5 * GiB - 1)).toBe(3);
      expect((await disk.describe(never)).dataBytes).toBeLessThan(100 * MiB);
    });
  });

  test("qcow2: the dirty bit, whose reference counts no reader needs", async () => {
    const path = await make(qcow2("lazy_refcounts=on"));
    const file = await open(path, "r+");
    await file.write(Uint8Array.of(1), 0, 1, 79);
    await file.close();
    await expectSame(path, "qcow2");
  });
});

async function byteAt(disk: Disk, at: number): Promise<number | undefined> {
  const bytes = new Uint8Array(1);
  await disk.read(at, bytes, never);
  return bytes[0];
}

/** Compares a disk with qemu-img's: in order, at random offsets, and by its description. */
async function expectSame(path: string, format: DiskFormat): Promise<void> {
  const wanted = await rawByQemuImg(path, driver(format));
  await withFile(path, async (file) => {
    const disk = await openDisk(file);
    expect({ format: disk.format, sizeBytes: disk.sizeBytes }).toEqual({
      format,
      sizeBytes: wanted.length,
    });
    await expectSameInOrder(disk, wanted);
    await expectSameAtRandom(disk, wanted);
    await expectTrueRuns(disk, wanted);
  });
}

async function expectSameInOrder(disk: Disk, wanted: Buffer): Promise<void> {
  for (let at = 0; at < wanted.length; at += MiB) {
    const got = Buffer.alloc(Math.min(MiB, wanted.length - at), 0xee);
    await disk.read(at, got, never);
    expect(got.equals(wanted.subarray(at, at + got.length)), `the MiB from ${at} on`).toBe(true);
  }
}

async function expectSameAtRandom(disk: Disk, wanted: Buffer): Promise<void> {
  const random = seeded(2);
  for (let n = 0; n < 100; n += 1) {
    const at = random(wanted.length);
    const got = Buffer.alloc(Math.min(random(n % 10 === 0 ? MiB : 5000), wanted.length - at), 0xee);
    await disk.read(at, got, never);
    expect(got.equals(wanted.subarray(at, at + got.length)), `${got.length} at ${at}`).toBe(true);
  }
}

async function expectTrueRuns(disk: Disk, wanted: Buffer): Promise<void> {
  let at = 0;
  let dataBytes = 0;
  for await (const { offset, lengthBytes, isZero } of disk.runs(0, disk.sizeBytes, never)) {
    expect(offset).toBe(at);
    at += lengthBytes;
    if (!isZero) dataBytes += lengthBytes;
    else expect(wanted.subarray(offset, at).every((byte) => byte === 0)).toBe(true);
  }
  expect(at).toBe(wanted.length);
  expect((await disk.describe(never)).dataBytes).toBe(dataBytes);
}
