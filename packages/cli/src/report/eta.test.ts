import { expect, test } from "vitest";
import { shownSeconds, steadyEta, type ShownEta } from "./eta.js";

test("nothing is shown while the estimate is unknown", () => {
  expect(shownSeconds(steadyEta(null, 0, null), 0)).toBeNull();
});

test("the shown time counts down by itself", () => {
  const eta = steadyEta(null, 0, 30_000);
  expect([0, 1000, 2000, 29_900].map((ms) => shownSeconds(eta, ms))).toEqual([30, 29, 28, 1]);
});

test("an estimate that varies by a tenth does not change it", () => {
  let eta: ShownEta = steadyEta(null, 0, 100_000);
  const shown = [0.95, 1.08, 0.93, 1.05].map((wave, step) => {
    const nowMs = (step + 1) * 1000;
    eta = steadyEta(eta, nowMs, (100_000 - nowMs) * wave);
    return eta?.endMs;
  });
  expect(new Set(shown)).toEqual(new Set([100_000]));
});

test("an estimate that differs much changes it in steps", () => {
  let eta: ShownEta = steadyEta(null, 0, 20_000);
  const ends: number[] = [];
  for (let step = 0; step < 12; step++) {
    eta = steadyEta(eta, 0, 60_000);
    ends.push(eta!.endMs);
  }
  expect(ends[0]).toBe(32_000);
  expect(ends.at(-1)).toBeGreaterThan(54_000);
  expect(ends).toEqual([...ends].sort((a, b) => a - b));
});

test("the longer the time, the more coarsely it is rounded, and never to zero", () => {
  const told = (sec: number): number | null => shownSeconds(steadyEta(null, 0, sec * 1000), 0);
  expect([0, 59, 61, 602, 3601].map(told)).toEqual([1, 59, 65, 660, 3660]);
});
