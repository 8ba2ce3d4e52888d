import { expect, test } from "vitest";
import { MiB } from "../plan.js";
import {
  mostCopiedBytes,
  newConnectionMs,
  worthASecondCopy,
  type LinkRoom,
} from "./second-copy.js";
import type { ObservedPart } from "./straggler.js";

const partBytes = 5 * MiB;
/** A lossy line of 12 MB/s, half of which is free; new connections have moved 2 MB/s. */
const half: LinkRoom = { spareBytesPerMs: 6_000, newMsPerByte: 1 / 2_000, youngCopies: 0 };

/** A part over an old connection: 0.5 MB/s, and 8 s left. */
const slow = (given: Partial<ObservedPart> = {}): ObservedPart => ({
  lengthBytes: partBytes,
  reachedBytes: 1 * MiB,
  seenBytes: 1 * MiB,
  seenMs: 4_000,
  quietMs: 0,
  ...given,
});

test("with room on the link, a slow part is worth a second copy", () => {
  expect(worthASecondCopy([slow()], half)).not.toBeNull();
});

test.each<[string, Partial<ObservedPart>, Partial<LinkRoom>]>([
  ["on a full link", {}, { spareBytesPerMs: 0 }],
  ["where new connections are as slow as old ones", {}, { newMsPerByte: 1 / 500 }],
  ["where the room is not enough for a copy", {}, { spareBytesPerMs: 600 }],
  ["where other copies take the room soon", {}, { spareBytesPerMs: 1_500, youngCopies: 2 }],
  ["of a part that is nearly through", { reachedBytes: 4.5 * MiB, seenBytes: 4.5 * MiB }, {}],
  ["of a part that has moved for a second only", { seenMs: 1_000 }, {}],
  ["of a part whose answer is awaited, and is no later than usual", sent(1_000), {}],
])("no second copy is worth it %s", (_, part, room) => {
  expect(worthASecondCopy([slow(part)], { ...half, ...room })).toBeNull();
});

test("a part that was sent, and whose answer is late, is worth a second copy", () => {
  expect(worthASecondCopy([slow(sent(6_000))], half)).not.toBeNull();
});

test("of several parts, the one that takes longest is copied", () => {
  const slower = slow({ reachedBytes: 0.5 * MiB, seenBytes: 0.5 * MiB });
  expect(worthASecondCopy([slow(), slower, slow()], half)).toBe(slower);
});

test("a copy is as fast as a new connection ever was, and no faster than its share of the room", () => {
  expect(newConnectionMs(2_000_000, half)).toBe(1_000);
  expect(newConnectionMs(2_000_000, { ...half, spareBytesPerMs: 1_000 })).toBe(2_500);
  expect(newConnectionMs(2_000_000, { ...half, spareBytesPerMs: 1_000, youngCopies: 1 })).toBe(
    4_500,
  );
  expect(newConnectionMs(2_000_000, { ...half, newMsPerByte: null })).toBeCloseTo(833, 0);
});

test("a tenth of what was sent is sent twice at most, or three parts", () => {
  expect(mostCopiedBytes(1_000 * MiB, partBytes)).toBe(100 * MiB);
  expect(mostCopiedBytes(10 * MiB, partBytes)).toBe(3 * partBytes);
});

function sent(quietMs: number): Partial<ObservedPart> {
  return { reachedBytes: partBytes, seenBytes: partBytes, seenMs: 9_000, quietMs };
}
