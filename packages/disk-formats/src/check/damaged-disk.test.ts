import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { DiskFolder, hasDiskTools } from "../testing/sample-disks.js";
import { madeGpt } from "../testing/made-gpt.js";
import type { DiskFile } from "../disk.js";
import { checkDisk, type DiskCheck } from "./check-disk.js";
import { mostReadBytes } from "./disk-reader.js";

const MiB = 2 ** 20;
const disks = new DiskFolder();
let bootable: Uint8Array;

beforeAll(() => {
  if (!hasDiskTools) return;
  bootable = new Uint8Array(readFileSync(disks.bootable({ sizeMiB: 12, efiMiB: 8, fatBits: 12 })));
});
afterAll(() => disks.remove());

type Change = readonly [at: number, bytes: Uint8Array];

/** A disk in memory with changes on top of its bytes, since copying all bytes for each change is slow. */
class ChangedDisk implements DiskFile {
  readBytes = 0;
  readonly sizeBytes: number;
  readonly #bytes: Uint8Array;
  readonly #changes: readonly Change[];
  constructor(bytes: Uint8Array, changes: readonly Change[]) {
    this.#bytes = bytes;
    this.#changes = changes;
    this.sizeBytes = bytes.length;
  }
  async read(offset: number, into: Uint8Array): Promise<void> {
    const end = offset + into.length;
    if (offset < 0 || end > this.sizeBytes) throw new Error("read past the end");
    this.readBytes += into.length;
    into.set(this.#bytes.subarray(offset, end));
    for (const [at, bytes] of this.#changes) {
      const from = Math.max(at, offset);
      const to = Math.min(at + bytes.length, end);
      if (from < to) into.set(bytes.subarray(from - at, to - at), from - offset);
    }
  }
}

/** Runs a check, and fails if it reads more than allowed. */
async function check(bytes: Uint8Array, changes: readonly Change[] = []): Promise<DiskCheck> {
  const disk = new ChangedDisk(bytes, changes);
  const result = await checkDisk(disk);
  expect(disk.readBytes).toBeLessThanOrEqual(mostReadBytes);
  return result;
}

const codesOf = async (bytes: Uint8Array) => (await check(bytes)).findings.map(({ code }) => code);

describe("A table that says anything", () => {
  test("is not read if it is larger than any that tools make", async () => {
    for (const table of [{ entries: 2 ** 31 }, { entryBytes: 2 ** 30 }, { entries: 4096 }]) {
      expect(await codesOf(madeGpt(MiB, table))).toContain("GPT_DAMAGED");
    }
  });

  test("is not read if its entries are of no length, or of one that the standard does not have", async () => {
    for (const entryBytes of [0, 1, 100, 130]) {
      expect(await codesOf(madeGpt(MiB, { entryBytes }))).toContain("GPT_DAMAGED");
    }
  });

  test("is not read where it lies outside of the disk", async () => {
    for (const tableSector of [2 ** 40, 2 ** 52, 2047]) {
      expect(await codesOf(madeGpt(MiB, { tableSector }))).toContain("GPT_DAMAGED");
    }
  });

  test("has partitions that end before they begin, or far outside, and the check ends", async () => {
    const partitions = [{ first: 2 ** 50, last: 3 }];
    const codes = await codesOf(madeGpt(MiB, { partitions }));
    expect(codes).toContain("EFI_PARTITION_NOT_FAT");
  });

  test("names a backup outside of the disk: the disk is cut short", async () => {
    expect(await codesOf(madeGpt(MiB, { otherSector: 2 ** 45 }))).toContain("DISK_CUT_SHORT");
  });
});

describe.skipIf(!hasDiskTools)("A damaged disk", () => {
  test("ends in findings wherever its tables are damaged", async () => {
    // Offsets within the MBR, both GPTs, and the boot sector, tables and first folders of the FAT file
    // system.
    const places = fc.oneof(
      fc.integer({ min: 0, max: 34 * 512 }),
      fc.integer({ min: MiB, max: MiB + 64 * 1024 }),
      fc.integer({ min: bootable.length - 33 * 512, max: bootable.length - 1 }),
    );
    const change = fc.tuple(places, fc.uint8Array({ minLength: 1, maxLength: 16 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        await check(bootable, changes);
      }),
      { numRuns: 300 },
    );
  });

  test("ends in findings whatever a GPT with right checksums says", async () => {
    const number = fc.oneof(
      fc.integer({ min: 0, max: 4096 }),
      fc.integer({ min: 0, max: 2 ** 31 }),
    );
    const made = fc.record({
      entries: number,
      entryBytes: fc.oneof(fc.constantFrom(128, 256, 512), number),
      tableSector: number,
      otherSector: number,
      partitions: fc.constant([]),
    });
    await fc.assert(
      fc.asyncProperty(made, async (table) => {
        await check(madeGpt(256 * 1024, table));
      }),
      { numRuns: 300 },
    );
  });

  test("of any size and content ends in findings", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 0, maxLength: 10_000 }), async (bytes) => {
        await check(bytes);
      }),
      { numRuns: 200 },
    );
  });

  test("whose folder's clusters form a loop ends", async () => {
    const bytes = bootable.slice();
    const fat = MiB + 512 * new DataView(bytes.buffer, bytes.byteOffset).getUint16(MiB + 14, true);
    for (let cluster = 2; cluster < 100; cluster++) {
      const at = fat + Math.floor(cluster * 1.5); // each cluster of FAT12 points to itself
      const pair = bytes[at]! | (bytes[at + 1]! << 8);
      const next = cluster % 2 === 0 ? (pair & 0xf000) | cluster : (pair & 0xf) | (cluster << 4);
      bytes.set([next & 0xff, next >> 8], at);
    }
    expect((await check(bytes)).table).toBe("gpt");
  });
});

describe("A disk that cannot be read", () => {
  test("is a note, not an error", async () => {
    const disk = {
      sizeBytes: MiB,
      read: async () => Promise.reject(new Error("EIO: i/o error, read")),
    };
    expect((await checkDisk(disk)).findings).toMatchObject([
      { code: "CHECK_INCOMPLETE", severity: "note" },
    ]);
    expect((await checkDisk(disk)).findings[0]?.message).toContain("EIO: i/o error");
  });

  test("because the caller aborted rejects with the reason", async () => {
    const controller = new AbortController();
    const disk = {
      sizeBytes: MiB,
      read: async () => {
        controller.abort(new Error("enough"));
        throw new Error("EIO");
      },
    };
    await expect(checkDisk(disk, controller.signal)).rejects.toThrow("enough");
  });
});
