import { describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import { slowest, Stretch, type StretchProgress } from "./shared-parts.js";

test("a cut takes the second half of what is left", () => {
  const stretch = new Stretch(100, 1_100);

  const second = stretch.cut(400);

  expect([stretch.fromBytes, stretch.untilBytes]).toEqual([100, 800]);
  expect([second.fromBytes, second.untilBytes]).toEqual([800, 1_100]);
});

test.each([0, 1, 2, 3, 999])("cut with %i bytes left, nothing is missing or twice", (leftBytes) => {
  const stretch = new Stretch(5, 1_005);

  const second = stretch.cut(1_000 - leftBytes);

  expect(stretch.untilBytes).toBe(second.fromBytes);
  expect(second.untilBytes).toBe(1_005);
  expect(stretch.lengthBytes).toBeGreaterThanOrEqual(1_000 - leftBytes);
});

describe("the stretch that another connection helps most", () => {
  const usual: StretchProgress = { leftBytes: 4 * MiB, movedBytes: 4 * MiB, seenMs: 4_000 };

  test("is the one that will take longest", () => {
    const slow = { ...usual, movedBytes: MiB };
    expect(slowest([usual, slow, usual])).toBe(slow);
  });

  test("is one that stands still", () => {
    const still = { ...usual, movedBytes: 0 };
    expect(slowest([{ ...usual, movedBytes: MiB }, still])).toBe(still);
  });

  test.each<[string, Partial<StretchProgress>]>([
    ["with little left", { leftBytes: MiB / 4, movedBytes: 1 }],
    ["that is done soon", { movedBytes: 100 * MiB }],
    ["that has only begun", { seenMs: 400, movedBytes: 1 }],
    ["that may still connect", { seenMs: 2_000, movedBytes: 0 }],
  ])("is none %s", (_, progress) => {
    expect(slowest([{ ...usual, ...progress }])).toBeNull();
  });
});
