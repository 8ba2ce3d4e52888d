import { expect, test } from "vitest";
import { ProcessorLimit, type ProcessorTimes } from "./processors.js";

/** Of a second in which the machine was busy throughout, and this process used so much of one processor. */
function limitedMs(ownShare: number): number {
  let now: ProcessorTimes = { busyMs: 0, ownMs: 0, nowMs: 0 };
  const limit = new ProcessorLimit(() => now);
  for (let nowMs = 100; nowMs <= 1_000; nowMs += 100) {
    now = { busyMs: nowMs, ownMs: nowMs * ownShare, nowMs };
    limit.busyMs();
  }
  return limit.busyMs();
}

test("busy processors are the limit of a process that uses them", () => {
  expect(limitedMs(0.9)).toBe(1_000);
});

test("processors that others keep busy are not the limit of one that waits for its link", () => {
  expect(limitedMs(0.1)).toBe(0);
});

test("the real times grow", () => {
  const limit = new ProcessorLimit();
  const before = limit.busyMs();
  expect(limit.busyMs()).toBeGreaterThanOrEqual(before);
});
