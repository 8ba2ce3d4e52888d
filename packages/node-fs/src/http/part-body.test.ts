import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { MiB, seededBytes, sha256Of } from "../testing/seeded.js";
import { bodyIn } from "../testing/body-in.js";
import { PartBody } from "./part-body.js";

const bytes = seededBytes("body", 3 * MiB + 5);

test.each([MiB, 64 * 1024, 1000, bytes.length])(
  "slices of %i bytes are the part, whole and in order",
  async (sliceBytes) => {
    const { slices, body } = await slicesOf(bytes, sliceBytes);
    expect(sha256Of(Buffer.concat(slices))).toBe(sha256Of(bytes));
    expect(body).toMatchObject({ done: true, takenBytes: bytes.length });
  },
);

test("a part ends with a slice that a socket takes without waiting, so that no answer overtakes the body's end", async () => {
  const { slices } = await slicesOf(bytes, bytes.length);
  expect(slices).toHaveLength(3);
  expect(slices.at(-1)!.length).toBeLessThan(new Duplex().writableHighWaterMark);
});

test("a part begins with a slice that costs little to be joined with the head of its request", async () => {
  const { slices } = await slicesOf(bytes, bytes.length);
  expect(slices[0]!.length).toBe(8 * 1024);
});

test("a small slice is a copy: the socket may hold it when the body has ended", async () => {
  const { slices } = await slicesOf(bytes, bytes.length);
  expect(slices.map((slice) => slice.buffer === bytes.buffer)).toEqual([false, true, false]);
});

async function slicesOf(
  part: Uint8Array,
  sliceBytes: number,
): Promise<{ readonly slices: Uint8Array[]; readonly body: PartBody }> {
  const body = new PartBody({
    url: "http://127.0.0.1/part",
    headers: {},
    ...bodyIn(part, sliceBytes),
    onMoved: () => undefined,
    signal: new AbortController().signal,
  });
  const slices: Uint8Array[] = [];
  for await (const slice of body.slices()) slices.push(slice);
  return { slices, body };
}
