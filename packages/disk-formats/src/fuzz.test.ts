import fc from "fast-check";
import { expect, test } from "vitest";
import { DiskFormatError, openDisk, type Disk } from "./index.js";
import { MemoryFile, never } from "./testing/open-file.js";
import { readVector } from "./testing/read-vector.js";

const KiB = 1024;

/** One image for each variant of each format. */
const bases = [
  ["qcow2", "version-2"],
  ["qcow2", "version-3"],
  ["qcow2", "deflate"],
  ["qcow2", "zstd"],
  ["qcow2", "subclusters"],
  ["vmdk", "monolithic-sparse"],
  ["vmdk", "stream-optimized"],
  ["vmdk", "footer"],
  ["vhd", "fixed"],
  ["vhd", "dynamic"],
  ["vdi", "dynamic"],
  ["vhdx", "dynamic"],
] as const;

/** `IMG_FUZZ_RUNS=20000` searches longer. */
const numRuns = Number(process.env["IMG_FUZZ_RUNS"] ?? 200);

interface Change {
  readonly place: number;
  readonly value: number;
  readonly width: number;
}

const edges = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
const change = fc.record({
  place: fc.nat(),
  value: fc.oneof(fc.constantFrom(...edges), fc.nat()),
  width: fc.constantFrom(1, 2, 4, 8),
});
const changes = fc.array(change, { minLength: 1, maxLength: 6 });
const cutAt = fc.oneof(
  { weight: 5, arbitrary: fc.constant(1) },
  fc.double({ min: 0, max: 1, noNaN: true }),
);

// fault D47
test.each(bases)(
  "%s %s: damaged anywhere, it ends in a typed error or reads the same in every way",
  async (format, name) => {
    const { image, written } = readVector(format, `${name}.hex`);
    await fc.assert(
      fc.asyncProperty(changes, cutAt, async (each, cut) => {
        const damaged = image.slice(0, Math.ceil(image.length * cut));
        for (const one of each) damage(damaged, written, one);
        await expectSane(new MemoryFile(damaged));
      }),
      { numRuns },
    );
  },
  120_000,
);

/** Changes bytes where the file has bytes of its own: changes of zeros would test little. */
function damage(
  image: Uint8Array,
  written: readonly { readonly at: number; readonly lengthBytes: number }[],
  { place, value, width }: Change,
): void {
  const total = written.reduce((sum, { lengthBytes }) => sum + Math.min(lengthBytes, 64), 0);
  let left = place % total;
  for (const { at, lengthBytes } of written) {
    const here = Math.min(lengthBytes, 64);
    if (left < here) {
      for (let n = 0; n < width && at + left + n < image.length; n += 1) {
        image[at + left + n] = Math.floor(value / 2 ** (8 * (width - 1 - n))) & 0xff;
      }
      return;
    }
    left -= here;
  }
}

async function expectSane(file: MemoryFile): Promise<void> {
  try {
    const disk = await openDisk(file);
    await disk.describe(never);
    await expectSameTwice(disk);
  } catch (error) {
    if (!(error instanceof DiskFormatError)) throw error;
    expect(error.code).toMatch(/^FORMAT_/);
  }
  // Each read allocates its length, and no read is longer than the file.
  expect(file.longestRead).toBeLessThanOrEqual(file.sizeBytes);
}

/** Reads the beginning and the end of the disk, at once and in pieces, and compares. */
async function expectSameTwice(disk: Disk): Promise<void> {
  const lengthBytes = Math.min(96 * KiB, disk.sizeBytes);
  for (const at of [0, disk.sizeBytes - lengthBytes]) {
    const whole = Buffer.alloc(lengthBytes, 0xee);
    await disk.read(at, whole, never);
    const pieces = Buffer.alloc(lengthBytes, 0xdd);
    for (let done = 0; done < lengthBytes; done += 5000) {
      await disk.read(at + done, pieces.subarray(done, done + 5000), never);
    }
    expect(pieces.equals(whole)).toBe(true);
  }
}
