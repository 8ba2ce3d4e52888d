import { expect, test } from "vitest";
import { MiB } from "../plan.js";
import { ManualClock } from "../testing/manual-clock.js";
import { SliceSize } from "./slice-size.js";

const KiB = 1024;

async function after(tookMs: number[], bytes: number = 1): Promise<number> {
  const clock = new ManualClock();
  const slices = new SliceSize(clock);
  slices.begin();
  for (const ms of tookMs) {
    slices.take();
    await clock.advance(ms);
    slices.moved(bytes);
  }
  return slices.take();
}

test.each<[string, number[], number]>([
  ["the first", [], 256 * KiB],
  ["one after a fast slice", [1], 512 * KiB],
  ["one after many fast slices", [1, 1, 1, 1, 1, 1], MiB],
  ["one after a slow slice", [1_001], 128 * KiB],
  ["one after a slice between", [500], 256 * KiB],
  ["one after a slow and a fast slice", [1_001, 99], 256 * KiB],
  ["one after many slow slices", Array.from({ length: 20 }, () => 5_000), 16 * KiB],
])("%s is %j → %i bytes", async (_, tookMs, bytes) => {
  expect(await after(tookMs)).toBe(bytes);
});

test("word that something still moves is no slice", async () => {
  expect(await after([5_000], 0)).toBe(256 * KiB);
});

// fault N13
test("a retry uses what was learned, and takes less if the try before ended within a slice", async () => {
  const clock = new ManualClock();
  const slices = new SliceSize(clock);
  for (const ms of [1, 0]) {
    slices.take();
    await clock.advance(ms);
    slices.moved(1);
  }
  slices.begin();
  expect(slices.take()).toBe(1_024 * KiB);
  await clock.advance(30_000);
  slices.begin();
  expect(slices.take()).toBe(512 * KiB);
});
