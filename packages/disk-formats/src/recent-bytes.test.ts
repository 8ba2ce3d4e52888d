import { expect, test } from "vitest";
import { RecentBytes } from "./recent-bytes.js";

const block = (lengthBytes: number): Uint8Array => new Uint8Array(lengthBytes);

test("the least recently used block is dropped first", () => {
  const recent = new RecentBytes(100);
  recent.set(1, block(40));
  recent.set(2, block(40));
  recent.get(1);
  recent.set(3, block(40));
  expect([1, 2, 3].map((key) => recent.get(key) !== undefined)).toEqual([true, false, true]);
});

test("a block that takes the place of one with its key is counted once", () => {
  const recent = new RecentBytes(100);
  for (let n = 0; n < 10; n += 1) recent.set(1, block(60));
  recent.set(2, block(40));
  expect(recent.get(1)).toHaveLength(60);
});

test("a block that is larger than all is not kept", () => {
  const recent = new RecentBytes(100);
  recent.set(1, block(101));
  expect(recent.get(1)).toBeUndefined();
});
