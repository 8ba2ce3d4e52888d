import { describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import { ManualClock } from "../testing/manual-clock.js";
import { LanePace } from "./lane-pace.js";

/** Looks at it ten times a second. @returns How many lanes it wants afterwards. */
async function observe(
  pace: LanePace,
  clock: ManualClock,
  seconds: number,
  bytesPerSecond: () => number,
  about: {
    full?: boolean;
    limited?: boolean;
    running?: () => number;
    busyShare?: number;
    /** Null where none comes. */
    answerMs?: () => number | null;
  } = {},
): Promise<number> {
  const { full = true, limited = false, running = () => pace.lanes, busyShare = 0 } = about;
  let moved = 0;
  let busyMs = 0;
  for (let looks = seconds * 10; looks > 0; looks--) {
    await clock.advance(100);
    moved += bytesPerSecond() / 10;
    busyMs += busyShare * 100;
    const answerMs = about.answerMs?.() ?? null;
    if (answerMs !== null) pace.delay.answered("part URL", answerMs);
    pace.observe({
      movedBytes: moved,
      running: running(),
      full,
      limited,
      busyMs: () => [0, busyMs],
    });
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

describe("over connections that are slow each", () => {
  const slow = (pace: LanePace) => (): number => (pace.lanes * MiB) / 2;

  test("lanes are doubled each second while answers take no longer", async () => {
    const [pace, clock] = rig();
    expect(await observe(pace, clock, 3, slow(pace), { answerMs: () => 100 })).toBe(16);
  });

  test("one step is taken where nothing says how long answers take", async () => {
    const [pace, clock] = rig();
    expect(await observe(pace, clock, 2, slow(pace))).toBe(8);
  });

  test("a link that is full, whose answers take longer, is left at one step", async () => {
    const [pace, clock] = rig();
    const full = (): number => 6 * MiB;
    const answerMs = (): number => (pace.lanes > 4 ? 400 : 30);

    expect(await observe(pace, clock, 8, full, { answerMs })).toBe(8);
  });

  test("nor are more tried later, while the few answers that come still take longer", async () => {
    const [pace, clock] = rig();
    const full = (): number => 6 * MiB;
    let [looks, mostLanes] = [0, 0];
    const answerMs = (): number | null => {
      mostLanes = Math.max(mostLanes, pace.lanes);
      if (looks++ > 30 && looks % 20 !== 0) return null;
      return pace.lanes > 4 ? 400 : 30;
    };

    await observe(pace, clock, 60, full, { answerMs });
    expect(mostLanes).toBe(8);
  });

  test("more are tried as soon as losses have slowed connections down that filled the link", async () => {
    const [pace, clock] = rig();
    const seconds = (): number => clock.monotonicMs() / 1000;
    const fromSeconds = seconds();
    const isNew = (): boolean => seconds() - fromSeconds < 5;
    const rate = (): number => (isNew() ? 12 * MiB : pace.lanes * 0.75 * MiB);
    const answerMs = (): number => (isNew() && pace.lanes > 4 ? 400 : 30);

    expect(await observe(pace, clock, 10, rate, { answerMs })).toBeGreaterThanOrEqual(16);
  });

  test("a caller's limit is not what more lanes could help", async () => {
    const [pace, clock] = rig(1);
    const limit = (): number => MiB;

    expect(await observe(pace, clock, 3, limit, { limited: true, answerMs: () => 1 })).toBeLessThan(
      3,
    );
  });

  test("a store that asks for less ends the start", async () => {
    const [pace, clock] = rig();
    await observe(pace, clock, 2, slow(pace), { answerMs: () => 100 });
    const before = pace.lanes;
    pace.slowDown(before);

    expect(await observe(pace, clock, 1, slow(pace), { answerMs: () => 100 })).toBeLessThan(before);
  });
});
