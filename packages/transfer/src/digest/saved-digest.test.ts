import { expect, test } from "vitest";
import type { Receipt } from "../journal/record.js";
import { planParts } from "../plan.js";
import { SavedDigests, usableDigest } from "./saved-digest.js";

const parts = planParts(45, 10);
const receiptsOf = (...numbers: number[]): Map<number, Receipt> =>
  new Map(numbers.map((part) => [part, { part, crc32: 0, etag: null }]));
const at = (positionBytes: number): { positionBytes: number; state: string } => ({
  positionBytes,
  state: `after ${positionBytes}`,
});

test("a state is resumed where every part before it has a receipt", () => {
  expect(usableDigest(at(20), parts, receiptsOf(1, 2))).toEqual(at(20));
  expect(usableDigest(at(20), parts, receiptsOf(2, 3))).toBeNull();
  expect(usableDigest(at(45), parts, receiptsOf(1, 2, 3, 4, 5))).toEqual(at(45));
  expect(usableDigest(at(45), parts, receiptsOf(1, 2, 3, 4))).toBeNull();
});

test("a state within a part is of another plan, and is not resumed", () => {
  expect(usableDigest(at(25), parts, receiptsOf(1, 2, 3, 4, 5))).toBeNull();
});

test("without a state there is nothing to resume from", () => {
  expect(usableDigest(null, parts, receiptsOf(1))).toBeNull();
});

test("states wait until every part before them has its receipt, and only the latest is written", () => {
  const saved = new SavedDigests(parts, receiptsOf(2));
  for (const bytes of [10, 20, 30]) saved.saved(at(bytes));
  expect(saved.take()).toEqual([]);
  saved.receipted(parts[0]!);
  expect(saved.take()).toEqual([{ type: "digest", ...at(20) }]);
  expect(saved.take()).toEqual([]);
  saved.receipted(parts[2]!);
  expect(saved.take()).toEqual([{ type: "digest", ...at(30) }]);
});
