import { expect, test } from "vitest";
import { MiB } from "../plan.js";
import { ManualClock } from "../testing/manual-clock.js";
import { SharedPace, type RunPace } from "./shared-pace.js";

/** Runs that have so many lanes at work each, which move so much together, for some seconds. */
async function observe(
  clock: ManualClock,
  runs: readonly (readonly [pace: RunPace, atWork: () => number])[],
  bytesPerSecond: () => number,
): Promise<void> {
  const moved = runs.map(() => 0);
  for (let looks = 100; looks > 0; looks--) {
    await clock.advance(100);
    for (const [index, [pace, atWork]] of runs.entries()) {
      const movedBytes = (moved[index]! += bytesPerSecond() / 10 / runs.length);
      const running = atWork();
      const of = { movedBytes, running, full: true, limited: false, busyMs: () => [] };
      pace.observe(of, running);
    }
  }
}

function rig(): { clock: ManualClock; shared: SharedPace; told: { lanes: number } } {
  const clock = new ManualClock();
  const told = { lanes: 0 };
  const shared: SharedPace = new SharedPace(clock, 4, 32, () => (told.lanes = shared.lanes));
  return { clock, shared, told };
}

test("lanes become more while all transfers together gain by them", async () => {
  const { clock, shared, told } = rig();
  const half = (): number => shared.lanes / 2;
  await observe(
    clock,
    [
      [shared.forRun(), half],
      [shared.forRun(), half],
    ],
    () => shared.lanes * 20 * MiB,
  );

  expect([shared.lanes, told.lanes]).toEqual([32, 32]);
});

test("lanes without work tell nothing about the link", async () => {
  const { clock, shared } = rig();

  await observe(clock, [[shared.forRun(), () => 2]], () => shared.lanes * 20 * MiB);

  expect(shared.lanes).toBe(4);
});

test("a store that asks one transfer for less is believed for all", () => {
  const { shared } = rig();
  const [one, other] = [shared.forRun(), shared.forRun()];

  one.slowDown(4);

  expect([one.lanes, other.lanes]).toEqual([2, 2]);
});

test("what limits one transfer limits no other", () => {
  const { shared } = rig();
  const [one, other] = [shared.forRun(), shared.forRun()];

  one.limit(2);

  expect([one.lanes, other.lanes]).toEqual([2, 4]);
});
