import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { portableUnpackers } from "./index.js";
import { diskBytes } from "./testing/disk-bytes.js";

const KiB = 1024;
const { inflate, zstd } = portableUnpackers;

test.each([0, 6, 9])("DEFLATE of level %i is unpacked, whatever follows it", async (level) => {
  const bytes = diskBytes(256 * KiB);
  const packed = Buffer.concat([deflateRawSync(bytes, { level }), Buffer.alloc(511, 0xaa)]);
  expect(Buffer.compare(await inflate(packed, 256 * KiB), bytes)).toBe(0);
});

test("DEFLATE that unpacks to a thousand times as much is cut off after one block's work", async () => {
  const bomb = deflateRawSync(Buffer.alloc(64 * KiB * KiB));
  expect(await inflate(bomb, 64 * KiB)).toEqual(new Uint8Array(64 * KiB));
});

test("DEFLATE that is cut off is an error", () => {
  const packed = deflateRawSync(diskBytes(64 * KiB));
  expect(() => inflate(packed.subarray(0, 1000), 64 * KiB)).toThrow("unexpected EOF");
});

// The output of `zstd -1 --no-check` for 1000 times "a".
const frame = Buffer.from("28b52ffd60e8024d00001061610100e32b8005", "hex");

test("a zstd frame is unpacked", async () => {
  expect(Buffer.from(await zstd(frame, 1000)).toString()).toBe("a".repeat(1000));
});

test("a zstd frame that is damaged, or unpacks to more than there may be, is an error", async () => {
  const damaged = frame.with(8, 0xff);
  await expect(zstd(damaged, 1000)).rejects.toThrow("not a valid zstd frame");
  await expect(zstd(frame, 999)).rejects.toThrow("not a valid zstd frame");
});
