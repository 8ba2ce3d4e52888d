import fc from "fast-check";
import { expect, test } from "vitest";
import { limits, MiB, partBytesFor, partsLeft, planParts } from "./plan.js";

const { minPartBytes, maxPartBytes, maxParts, maxImageBytes } = limits;

test("parts cover an image of any size, without gap or overlap, for any wish", () => {
  const sizes = fc.integer({ min: 1, max: maxImageBytes });
  const wishes = fc.integer({ min: minPartBytes, max: maxPartBytes });

  fc.assert(
    fc.property(sizes, wishes, (imageBytes, wantedPartBytes) => {
      const partBytes = partBytesFor(imageBytes, wantedPartBytes);
      const parts = planParts(imageBytes, partBytes);
      let offset = 0;
      parts.forEach((part, index) => {
        const isLast = index === parts.length - 1;
        const sound = part.number === index + 1 && part.offset === offset;
        const full = isLast ? part.lengthBytes <= partBytes : part.lengthBytes === partBytes;
        if (!sound || !full || part.lengthBytes < 1) throw new Error(JSON.stringify(part));
        offset += part.lengthBytes;
      });
      return offset === imageBytes && parts.length <= maxParts && partBytes >= minPartBytes;
    }),
    { numRuns: 60 },
  );
});

const partBytes = 5 * MiB;

test.each([
  [1, 1, 1],
  [partBytes - 1, 1, partBytes - 1],
  [partBytes, 1, partBytes],
  [partBytes + 1, 2, 1],
  [2 * partBytes, 2, partBytes],
  [10_000 * partBytes, 10_000, partBytes],
])("%i bytes are %i parts, the last of %i", (imageBytes, count, lastBytes) => {
  const parts = planParts(imageBytes, partBytesFor(imageBytes, partBytes));

  expect(parts).toHaveLength(count);
  expect(parts.at(-1)!.lengthBytes).toBe(lastBytes);
});

test.each([
  ["the shortest wish is kept", 1, minPartBytes, minPartBytes],
  ["a wish in range is kept", 1, 6 * MiB + 1, 6 * MiB + 1],
  ["the longest wish is kept", 1, maxPartBytes, maxPartBytes],
  ["a wish of more than 10,000 parts is raised", maxImageBytes, 5 * MiB, 13_743_896],
])("%s", (_, imageBytes, wantedPartBytes, given) => {
  expect(partBytesFor(imageBytes, wantedPartBytes)).toBe(given);
});

test.each([
  ["of a small image the shortest", 100 * MiB, 5 * MiB],
  ["of a larger one a 128th", 1024 * MiB, 8 * MiB],
  ["in whole MiB", 1024 * MiB + 1, 9 * MiB],
  ["from 2 GiB on 16 MiB", 2048 * MiB, 16 * MiB],
  ["of the largest image, too", maxImageBytes, 16 * MiB],
])("the usual length is, %s", (_, imageBytes, partBytes) => {
  expect(partBytesFor(imageBytes, null)).toBe(partBytes);
});

test.each([0, -1, 1.5, NaN, maxImageBytes + 1])("an image of %d bytes is refused", (imageBytes) => {
  expect(() => partBytesFor(imageBytes, MiB)).toThrow(/image|empty/);
  expect(() => planParts(imageBytes, MiB)).toThrow(/image|empty/);
});

test.each([0, -1, 1.5, NaN, 1, minPartBytes - 1, maxPartBytes + 1])(
  "a wish of %d bytes is refused",
  (wish) => {
    expect(() => partBytesFor(1, wish)).toThrow(
      /partBytes must be a whole number of bytes from 5 MiB to 5 GiB/,
    );
  },
);

test("the parts that are left are those without a receipt, in order", () => {
  const parts = planParts(4 * partBytes, partBytes);

  const left = partsLeft(
    parts,
    new Map([
      [2, true],
      [4, true],
    ]),
  );

  expect(left.map((part) => part.number)).toEqual([1, 3]);
});
