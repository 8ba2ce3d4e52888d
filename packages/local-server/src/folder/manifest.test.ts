import { expect, test } from "vitest";
import { checkParts, MAX_IMAGE_BYTES, MIN_PART_BYTES } from "../images/parts.js";
import { imageEtag, parsePartFileName, partFileName } from "./manifest.js";
import type { StoredPart } from "./manifest.js";

const part = (number: number, bytes: number): StoredPart => ({
  number,
  bytes,
  md5: "0123456789abcdef0123456789abcdef",
  turn: 0,
});

const codes = (...parts: StoredPart[]) => checkParts(parts).map(({ code, field }) => [field, code]);

test("parts make an image if they are 1 to n, large enough but for the last, and not too much", () => {
  const half = MAX_IMAGE_BYTES / 2;
  expect(codes(part(1, 1))).toEqual([]);
  expect(codes(part(1, MIN_PART_BYTES), part(2, 0))).toEqual([]);
  expect(codes(part(1, half), part(2, half))).toEqual([]);
  expect(codes(part(1, half), part(2, half + 1))).toEqual([["parts", "image_too_large"]]);
  expect(codes(part(1, MIN_PART_BYTES - 1), part(2, 1))).toEqual([["parts.1", "part_too_small"]]);
  expect(codes(part(2, 1))).toEqual([["parts.1", "part_missing"]]);
  expect(codes(part(1, 0))).toEqual([["parts", "image_empty"]]);
  expect(codes()).toEqual([["parts.1", "part_missing"]]);
});

test("of many gaps the first twenty are reported", () => {
  expect(codes(part(10_000, 1))).toHaveLength(20);
});

test("a part file's name contains everything about the part, and any other name is ignored", () => {
  const { bytes, ...named } = part(10_000, 5);
  expect(bytes).toBe(5);
  expect(parsePartFileName(partFileName(part(10_000, 5)))).toEqual(named);
  for (const name of ["image.json", "part-1-0-00", "unfinished-part-00001"]) {
    expect(parsePartFileName(name)).toBeUndefined();
  }
});

test("the ETag is that which S3 gives a multipart upload of the same parts", () => {
  // The MD5 of two MD5s of the form 0123…: echo -n | xxd -r -p | md5sum, followed by the count.
  expect(imageEtag([part(1, 1), part(2, 1)])).toMatch(/^"[0-9a-f]{32}-2"$/);
  expect(imageEtag([part(1, 1)])).not.toBe(imageEtag([part(1, 1), part(2, 1)]));
});
