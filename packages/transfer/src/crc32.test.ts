import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32 } from "./crc32.js";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

test("the check value of CRC-32 comes out", () => {
  expect(crc32(ascii("123456789"))).toBe(0xcbf43926);
  expect(crc32(ascii(""))).toBe(0);
});

test("bytes in two pieces give what they give in one", () => {
  expect(crc32(ascii("6789"), crc32(ascii("12345")))).toBe(0xcbf43926);
});

test("it agrees with zlib on any bytes and any seed", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(0xffffffff), (bytes, seed) => {
      expect(crc32(bytes, seed)).toBe(zlibCrc32(bytes, seed));
    }),
  );
});
