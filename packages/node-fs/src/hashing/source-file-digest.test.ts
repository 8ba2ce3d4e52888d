import { appendFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { openDiskSource } from "../files/disk-source.js";
import { sharedMemory } from "./digest.js";
import type { FilledPart } from "./running-hash.js";
import { SourceFileDigest } from "./source-file-digest.js";

const path = join(mkdtempSync(join(tmpdir(), "img-")), "disk.img");

function opened<T extends SourceFileDigest>(digest: T): T {
  onTestFinished(() => digest.close());
  return digest;
}

test("a part of a file that changed meanwhile is refused", async () => {
  writeFileSync(path, "a disk");
  const source = await openDiskSource(path, { format: "raw" });
  onTestFinished(() => source.close());
  const digest = opened(new SourceFileDigest(source));
  expect(await digest.readInto(0, sharedMemory(6))).toBe(crc32("a disk"));

  appendFileSync(path, "!");
  let refused = digest.readInto(0, sharedMemory(6));
  // Where the machine is so busy that the disk looks slow, it leaves parts to others first.
  for (let tries = 0; tries < 9 && (await refused.catch(() => 0)) === null; tries++) {
    refused = digest.readInto(0, sharedMemory(6));
  }

  await expect(refused).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
});

/** Reads as fast as it is told. */
class PacedDigest extends SourceFileDigest {
  readMs = 0;

  override async fillFrom(): Promise<FilledPart | null> {
    return { crc32: 1, readMs: this.readMs, hashMs: 10 };
  }
}

test("from a disk that is slower than hashing, parts are left to be read ahead, and tried again later", async () => {
  const digest = opened(new PacedDigest({ path, look: async () => undefined }));
  const reads = async (): Promise<boolean> => (await digest.readInto(0, sharedMemory(6))) !== null;
  expect([await reads(), await reads()]).toEqual([true, true]);

  digest.readMs = 100;
  const after = [];
  for (let part = 0; part < 10; part++) after.push(await reads());

  expect(after).toEqual([true, ...Array<boolean>(8).fill(false), true]);
});
