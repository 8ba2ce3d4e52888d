import { createHash } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { crc32 } from "../crc32.js";
import { MemoryDigest, MemorySource, seededBytes } from "../testing/memory-ports.js";
import { SavableDigests } from "../testing/savable-digest.js";
import { ReadingDigest } from "./reading-digest.js";

const bytes = seededBytes(300);
const sha256 = createHash("sha256").update(bytes).digest("hex");
const noFile = (): never => {
  throw new Error("the digest reads no file itself");
};
let source: MemorySource;
let allocated: number[];

beforeEach(() => {
  source = new MemorySource(bytes);
  allocated = [];
});

const allocate = (length: number): Uint8Array => {
  allocated.push(length);
  return new Uint8Array(length);
};
const open = (): ReadingDigest => new ReadingDigest(source, new MemoryDigest(noFile), allocate);

test("what is fed and what is read from the source is hashed in the order of the calls", async () => {
  const digest = open();

  const crcs = await Promise.all([
    digest.update(bytes.subarray(0, 100)),
    digest.updateFromFile(100, 150),
    digest.update(bytes.subarray(250)),
  ]);

  expect(crcs).toEqual([
    crc32(bytes.subarray(0, 100)),
    crc32(bytes.subarray(100, 250)),
    crc32(bytes.subarray(250)),
  ]);
  expect(await digest.finish()).toBe(sha256);
  await digest.close();
});

test("parts that are read use the same memory, which grows with the longest", async () => {
  const digest = open();

  for (const [offset, length] of [
    [0, 100],
    [100, 50],
    [150, 150],
  ] as const) {
    await digest.updateFromFile(offset, length);
  }

  expect(await digest.finish()).toBe(sha256);
  expect(allocated).toEqual([100, 150]);
  await digest.close();
});

test("a source that cannot be read fails the call, and all later ones", async () => {
  const digest = open();
  source.changed = true;

  await expect(digest.updateFromFile(0, 10)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });

  await expect(digest.update(bytes)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  await expect(digest.finish()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  await digest.close();
});

test("closing ends a read of a source that hangs", async () => {
  let reading: AbortSignal | null = null;
  source.read = async (_, __, signal) => {
    reading = signal;
    return new Promise((___, reject) => {
      signal.addEventListener("abort", () => reject(new Error("aborted")));
    });
  };
  const digest = open();
  const hanging = digest.updateFromFile(0, 10);
  const failed = expect(hanging).rejects.toThrow("aborted");
  await expect.poll(() => reading).not.toBeNull();

  await digest.close();

  await failed;
});

test("the state of a digest that can be saved is that of everything fed before", async () => {
  const digests = new SavableDigests(noFile, false);
  const digest = new ReadingDigest(source, digests.open(null), allocate);
  void digest.updateFromFile(0, 100);

  const state = await digest.saving?.save();

  const later = new ReadingDigest(
    source,
    digests.open({ positionBytes: 100, state: state ?? "" }),
    allocate,
  );
  expect(later.saving?.startBytes).toBe(100);
  await later.updateFromFile(100, 200);
  expect(await later.finish()).toBe(sha256);
  await Promise.all([digest.close(), later.close()]);
});
