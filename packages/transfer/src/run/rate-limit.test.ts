import { expect, test } from "vitest";
import { MiB } from "../plan.js";
import { ManualClock } from "../testing/manual-clock.js";
import { RateLimit } from "./rate-limit.js";

const { signal } = new AbortController();

/** Bytes that so many lanes are granted within a time, each asking for a slice as soon as it can. */
async function grantedIn(
  clock: ManualClock,
  limit: RateLimit,
  forMs: number,
  lanes: number,
): Promise<number> {
  const stop = new AbortController();
  const untilMs = clock.monotonicMs() + forMs;
  let bytes = 0;
  const lane = async (): Promise<void> => {
    while (clock.monotonicMs() < untilMs) {
      const granted = await limit.take(MiB, stop.signal);
      bytes += granted;
    }
  };
  const running = Promise.allSettled(Array.from({ length: lanes }, lane));
  await clock.runUntil(running);
  return bytes;
}

const rates = [64 * 1024, MiB, 10 * MiB, 128 * MiB, 1024 * MiB];

test.each(rates.flatMap((rate) => [1, 4].map((lanes) => [rate, lanes] as const)))(
  "%i bytes per second over %i lanes hold within 5%",
  async (rate, lanes) => {
    const clock = new ManualClock();
    const seconds = rate > 100 * MiB ? 2 : 20;
    const fromMs = clock.monotonicMs();

    const bytes = await grantedIn(clock, new RateLimit(clock, () => rate), seconds * 1000, lanes);

    // The last grant of each lane is waited for beyond the end.
    const tookSec = (clock.monotonicMs() - fromMs) / 1000;
    expect(bytes / tookSec / rate).toBeGreaterThan(0.95);
    expect(bytes / tookSec / rate).toBeLessThan(1.05);
  },
);

test("the rate may change while it runs", async () => {
  const clock = new ManualClock();
  let rate = 10 * MiB;
  const limit = new RateLimit(clock, () => rate);
  await grantedIn(clock, limit, 5_000, 1);

  rate = MiB;
  const slow = await grantedIn(clock, limit, 20_000, 1);
  rate = 20 * MiB;
  const fast = await grantedIn(clock, limit, 20_000, 1);

  expect(slow / 20 / MiB).toBeCloseTo(1, 1);
  expect(fast / 20 / (20 * MiB)).toBeCloseTo(1, 1);
});

test("without a limit all that was wanted is granted at once", () => {
  const limit = new RateLimit(new ManualClock(), () => Infinity);

  expect(limit.take(7 * MiB, signal)).toBe(7 * MiB);
});

test("a grant is at most a tenth of a second's worth, and at least 1 KiB", async () => {
  const take = (rate: number): number | Promise<number> =>
    new RateLimit(new ManualClock(), () => rate).take(MiB, signal);

  expect(await take(MiB)).toBe(Math.floor(MiB / 10));
  expect(await take(2_000)).toBe(1_024);
});

test("time that nobody used does not come back as a burst", async () => {
  const clock = new ManualClock();
  const limit = new RateLimit(clock, () => MiB);
  await clock.advance(60_000);

  const bytes = await grantedIn(clock, limit, 1_000, 1);

  expect(bytes).toBeLessThan(1.2 * MiB);
});

test("a wait ends with the signal", async () => {
  const clock = new ManualClock();
  const limit = new RateLimit(clock, () => 2_000);
  const stop = new AbortController();
  await limit.take(1_024, stop.signal);
  const waiting = limit.take(1_024, stop.signal);

  stop.abort("enough");

  await expect(waiting).rejects.toBe("enough");
  expect(clock.waiting).toBe(0);
});
