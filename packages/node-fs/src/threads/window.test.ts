import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { seededBytes } from "../testing/seeded.js";
import { halfBytes } from "./messages.js";
import { Window } from "./window.js";

const sent = seededBytes("window", 5 * halfBytes + 12_345);

test.each([1, 16_384, halfBytes, 3 * halfBytes])(
  "bytes that come by %i arrive in their order, however slowly they are read",
  async (pieceBytes) => {
    const { window, received } = readSlowly();

    for (let at = 0; at < sent.length; at += Math.max(pieceBytes, 1_000)) {
      await window.put(sent.subarray(at, at + Math.max(pieceBytes, 1_000)));
    }
    window.flush();
    window.end();

    expect((await received()).equals(sent)).toBe(true);
  },
);

test("who gives bytes waits while both halves are unread", async () => {
  const memory = new SharedArrayBuffer(2 * halfBytes);
  const told: number[] = [];
  const window = new Window(memory, (half) => told.push(half));

  const putting = window.put(sent.subarray(0, 2 * halfBytes));
  const first = await Promise.race([putting, Promise.resolve("waits")]);
  expect(first).toBe("waits");

  window.free(0);
  await putting;
  window.end();
  expect(told).toEqual([0, 1]);
});

/** Reads each half a turn of the event loop after it was told. */
function readSlowly(): { window: Window; received: () => Promise<Buffer> } {
  const memory = new SharedArrayBuffer(2 * halfBytes);
  const pieces: Buffer[] = [];
  let reading = Promise.resolve();
  const window: Window = new Window(memory, (half, lengthBytes) => {
    reading = reading.then(async () => {
      await nextTurn();
      pieces.push(Buffer.from(Buffer.from(memory, half * halfBytes, lengthBytes)));
      window.free(half);
    });
  });
  return { window, received: () => reading.then(() => Buffer.concat(pieces)) };
}
