import { expect, test } from "vitest";
import { MiB } from "./plan.js";
import { dividedMemory } from "./divided-memory.js";

const divided = (memory: number, part: number, lanes: number) =>
  dividedMemory(memory * MiB, part * MiB, lanes);

test.each([5, 8, 14, 16, 32, 64, 100, 128, 256])(
  "32 lanes fit into 256 MiB with parts of %i MiB",
  (part) => {
    const { buffers, windows } = divided(256, part, 32);

    expect(buffers + windows).toBeGreaterThanOrEqual(32);
    expect(buffers * part + windows).toBeLessThanOrEqual(256);
  },
);

test("there are no windows where whole parts suffice", () => {
  expect(divided(256, 8, 32)).toEqual({ buffers: 32, windows: 0 });
  expect(divided(256, 64, 4)).toEqual({ buffers: 4, windows: 0 });
});

test("parts that cannot be sent through a window need memory for a whole one", () => {
  expect(divided(256, 64, 0)).toEqual({ buffers: 4, windows: 0 });
  expect(divided(1, 5, 0)).toEqual({ buffers: 1, windows: 0 });
});

test("windows have no more than half of the memory", () => {
  expect(divided(10, 5, 32)).toEqual({ buffers: 1, windows: 5 });
});
