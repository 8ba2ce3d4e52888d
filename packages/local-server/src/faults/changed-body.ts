import { setTimeout as wait } from "node:timers/promises";

/** A stream of bytes, in slices that must not be kept. */
export type Body = AsyncIterable<Uint8Array>;

/** Reads a body to its end and keeps nothing. */
export async function drained(body: Body): Promise<void> {
  const slices = body[Symbol.asyncIterator]();
  while ((await slices.next()).done !== true);
}

/**
 * Yields the first `bytes`, then runs `and` before it ends. An empty slice comes first, so that the head is
 * sent.
 */
export async function* cutAfter(
  body: Body,
  bytes: number,
  and?: () => Promise<void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield new Uint8Array(0);
  let left = bytes;
  if (left > 0) {
    for await (const slice of body) {
      yield slice.subarray(0, left);
      left -= slice.length;
      if (left <= 0) break;
    }
  }
  await and?.();
}

/** Passes bytes on at most at this rate, in slices of a tenth of a second. Rejects once `check` throws. */
export async function* slowed(
  body: Body,
  bytesPerSec: number,
  afterBytes: number,
  check: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stepBytes = Math.max(1, Math.floor(bytesPerSec / 10));
  let seen = 0;
  for await (const slice of body) {
    const fast = Math.min(slice.length, Math.max(0, afterBytes - seen));
    if (fast > 0) yield slice.subarray(0, fast);
    for (let from = fast; from < slice.length; from += stepBytes) {
      const step = slice.subarray(from, from + stepBytes);
      await wait((step.length / bytesPerSec) * 1000);
      check();
      yield step;
    }
    seen += slice.length;
  }
}

/** Flips the lowest bit of the byte at `offset`. */
export async function* flippedAt(
  body: Body,
  offset: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let seen = 0;
  for await (const slice of body) {
    const at = offset - seen;
    seen += slice.length;
    yield at >= 0 && at < slice.length ? flipped(slice, at) : slice;
  }
}

function flipped(slice: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(slice);
  copy[at] = copy[at]! ^ 1;
  return copy;
}

/** Cuts a body to `bytes`, or fills it up with zeros. */
export async function* resized(
  body: Body,
  bytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = bytes;
  for await (const slice of body) {
    yield slice.subarray(0, left);
    left -= Math.min(left, slice.length);
    if (left === 0) return;
  }
  while (left > 0) {
    const zeros = new Uint8Array(Math.min(left, 64 * 1024));
    yield zeros;
    left -= zeros.length;
  }
}
