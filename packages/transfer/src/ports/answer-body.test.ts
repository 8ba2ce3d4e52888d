import { expect, test } from "vitest";
import { AnswerText, BodyFilling, enoughText } from "./answer-body.js";
import { seededBytes } from "../testing/memory-ports.js";

const body = seededBytes(1_000);

/** Memory of so many bytes at a time. */
function memoryOf(roomBytes: number, waits: boolean) {
  const rooms: Uint8Array[] = [];
  let movedBytes = 0;
  const room = (): Uint8Array => {
    expect(movedBytes).toBe(rooms.length * roomBytes); // what it gave before is full
    rooms.push(new Uint8Array(roomBytes));
    return rooms.at(-1)!;
  };
  const memory = {
    into: () => (waits ? Promise.resolve().then(room) : room()),
    onMoved: (bytes: number) => (movedBytes += bytes),
  };
  const received = (): Buffer => Buffer.concat(rooms).subarray(0, movedBytes);
  return { memory, rooms, received };
}

test.each([1, 300, 1_000, 5_000])(
  "a body fills memory of %i bytes at a time",
  async (roomBytes) => {
    for (const waits of [false, true]) {
      for (const pieceBytes of [1, 299, 300, 301, 1_000]) {
        const { memory, received } = memoryOf(roomBytes, waits);
        const filling = new BodyFilling(memory);
        for (let at = 0; at < body.length; at += pieceBytes) {
          const lent = Buffer.from(body.subarray(at, at + pieceBytes));
          const held = filling.take(lent);
          lent.fill(0xee); // the transport uses its memory again
          await held;
        }
        expect(received().equals(body)).toBe(true);
      }
    }
  },
);

test("what finds memory at once is taken at once", () => {
  const { memory, received } = memoryOf(300, false);

  expect(new BodyFilling(memory).take(body)).toBeUndefined();
  expect(received().equals(body)).toBe(true);
});

test("memory that comes after the call has settled is not written to", async () => {
  const { memory, rooms, received } = memoryOf(300, true);
  const filling = new BodyFilling(memory);
  const held = filling.take(body);

  filling.end();
  await held;

  expect(rooms).toEqual([new Uint8Array(300)]);
  expect(received()).toHaveLength(0);
});

test.each([0, 1, 65_536])("a text of %i bytes is kept whole", async (length) => {
  const text = new AnswerText();

  await new BodyFilling(text).take(new Uint8Array(length).fill(120));

  expect(text.text).toBe("x".repeat(length));
});

test("of a longer text the first 64 KiB are kept, and the answer is ended", () => {
  const text = new AnswerText();
  const filling = new BodyFilling(text);

  expect(() => filling.take(new Uint8Array(65_537).fill(120))).toThrow(enoughText.message);

  expect(text.text).toBe("x".repeat(65_536));
});
