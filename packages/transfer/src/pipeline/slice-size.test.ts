import { expect, test } from "vitest";
import { MiB } from "../plan.js";
import { ManualClock } from "../testing/manual-clock.js";
import { SliceSize } from "./slice-size.js";

async function after(tookMs: number[], bytes: number = 1): Promise<number> {
  const clock = new ManualClock();
  const slices = new SliceSize(clock);
  for (const ms of tookMs) {
    await clock.advance(ms);
    slices.moved(bytes);
  }
  return slices.bytes;
}

test.each<[string, number[], number]>([
  ["the first", [], MiB],
  ["one after a fast slice", [1], MiB],
  ["one after a slow slice", [1_001], MiB / 2],
  ["one after a slice between", [1_001, 500], MiB / 2],
  ["one after a slow and a fast slice", [1_001, 99], MiB],
  ["one after many slow slices", Array.from({ length: 20 }, () => 5_000), 16 * 1024],
])("%s is %j → %i bytes", async (_, tookMs, bytes) => {
  expect(await after(tookMs)).toBe(bytes);
});

test("word that something still moves is no slice", async () => {
  expect(await after([5_000], 0)).toBe(MiB);
});
