import { expect, test } from "vitest";
import { MiB } from "../plan.js";
import { ManualClock } from "../testing/manual-clock.js";
import { LanePace } from "./lane-pace.js";

/** Looks at it ten times a second. @returns How many lanes it wants afterwards. */
async function observe(
  pace: LanePace,
  clock: ManualClock,
  seconds: number,
  bytesPerSecond: () => number,
  about: { full?: boolean; running?: () => number; busyShare?: number } = {},
): Promise<number> {
  const { full = true, running = () => pace.lanes, busyShare = 0 } = about;
  let moved = 0;
  let busyMs = 0;
  for (let looks = seconds * 10; looks > 0; looks--) {
    await clock.advance(100);
    moved += bytesPerSecond() / 10;
    busyMs += busyShare * 100;
    pace.observe({ movedBytes: moved, running: running(), full, busyMs: () => [0, busyMs] });
  }
  return pace.lanes;
}

function rig(startLanes = 4, maxLanes = 32): [LanePace, ManualClock] {
  const clock = new ManualClock();
  return [new LanePace(clock, startLanes, maxLanes), clock];
}

test("lanes that each bring as much as the last become more", async () => {
  const [pace, clock] = rig();

  expect(await observe(pace, clock, 8, () => pace.lanes * 20 * MiB)).toBe(32);
});

test("more lanes are not tried while what they cannot speed up has no pause", async () => {
  const [pace, clock] = rig();
  const more = (): number => pace.lanes * 20 * MiB;

  expect(await observe(pace, clock, 8, more, { busyShare: 0.95 })).toBe(4);
});

test("a link that is full keeps its lanes", async () => {
  const [pace, clock] = rig();

  expect(await observe(pace, clock, 8, () => 80 * MiB)).toBe(4);
});

test("a window that moved next to nothing says nothing", async () => {
  const [pace, clock] = rig();

  expect(await observe(pace, clock, 60, () => 128 * 1024)).toBe(4);
});

test("a window in which a lane had no work says nothing", async () => {
  const [pace, clock] = rig();

  expect(await observe(pace, clock, 8, () => pace.lanes * 20 * MiB, { full: false })).toBe(4);
});

test("a window in which lanes ran that are to end says nothing", async () => {
  const [pace, clock] = rig();
  const running = (): number => pace.lanes + 1;

  expect(await observe(pace, clock, 8, () => pace.lanes * 20 * MiB, { running })).toBe(4);
});

test("it never wants more lanes than it may have, and at least one", async () => {
  const [pace, clock] = rig();
  pace.limit(6);
  pace.limit(9);
  expect(await observe(pace, clock, 8, () => pace.lanes * 20 * MiB)).toBe(6);

  pace.limit(0);

  expect(pace.lanes).toBe(1);
});

test("a store that asks for less of all lanes at once is heard once", async () => {
  const [pace, clock] = rig(16);

  for (let lane = 0; lane < 16; lane++) pace.slowDown(16);
  expect(pace.lanes).toBe(8);
  await clock.advance(5_000);
  pace.slowDown(9);
  expect(pace.lanes).toBe(8);

  pace.slowDown(8);

  expect(pace.lanes).toBe(4);
});
