import { describe, expect, test } from "vitest";
import { isEcho, isSettled, measured, slowedDown, startLanesFor, startPace } from "./pace.js";

const start = startPace(4, 32, 0);
const settledMs = 600;

describe("it begins", () => {
  test.each([
    [Infinity, 4],
    [1024, 1],
    [64 * 1024 * 1024, 1],
    [65 * 1024 * 1024, 2],
  ])("under a limit of %d bytes per second with %i lanes", (rate, lanes) => {
    expect(startLanesFor(rate)).toBe(lanes);
  });

  test("with no more lanes than it may have", () => {
    expect(startPace(4, 2, 0)).toMatchObject({ lanes: 2, best: { lanes: 2 } });
  });

  test("to measure once the lanes have had time to get going", () => {
    expect(isSettled(start, settledMs - 1)).toBe(false);
    expect(isSettled(start, settledMs)).toBe(true);
  });
});

describe("it climbs", () => {
  test("by doubling, while that brings more", () => {
    let pace = measured(start, 100, 1_000, 0);
    expect(pace).toMatchObject({ lanes: 8, best: { lanes: 4, bytesPerSecond: 100 } });

    pace = measured(pace, 113, 2_000, 0);

    expect(pace).toMatchObject({ lanes: 16, best: { lanes: 8 }, sinceMs: 2_000 });
  });

  test("up to the most that it may have, and stays there", () => {
    const full = measured({ ...start, lanes: 20 }, 100, 1_000, 0);
    expect(full.lanes).toBe(32);

    expect(measured(full, 200, 2_000, 0).lanes).toBe(32);
  });

  test("not where the thread that moves bytes is at its limit, whatever the link could do", () => {
    expect(measured(start, 100, 1_000, 0.9)).toMatchObject({
      lanes: 4,
      best: { lanes: 4, bytesPerSecond: 100 },
      holdUntilMs: 0,
    });
    expect(measured(start, 100, 1_000, 0.8).lanes).toBe(8);
  });

  test("from nothing measured by whatever moves", () => {
    expect(measured(measured(start, 0, 1, 0), 0, 2, 0).lanes).toBe(16);
  });
});

describe("it goes back", () => {
  test("when more lanes bring next to nothing, and looks again later and later", () => {
    let pace = start;
    const holds: number[] = [];
    for (let nowMs = 1_000; holds.length < 6; nowMs = pace.holdUntilMs) {
      pace = measured(measured(pace, 100, nowMs, 0), 111, nowMs, 0);
      expect(pace.lanes).toBe(4);
      holds.push(pace.holdUntilMs - nowMs);
    }

    expect(holds).toEqual([10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
  });

  test("and does not look before that", () => {
    const back = measured(measured(start, 100, 1_000, 0), 100, 2_000, 0);

    expect(measured(back, 100, 11_999, 0).lanes).toBe(4);
    expect(measured(back, 100, 12_000, 0).lanes).toBe(8);
  });
});

describe("a store that asks for less", () => {
  const eight = measured(start, 100, 1_000, 0);

  test("of more than the best known: it goes back to that, and looks between", () => {
    let pace = slowedDown(eight, 2_000);
    expect(pace).toMatchObject({ lanes: 4, best: { lanes: 4, bytesPerSecond: 100 } });

    const tried = [];
    for (let nowMs = 3_000; nowMs < 7_000; nowMs += 1_000) {
      pace = measured(pace, pace.lanes * 25, nowMs, 0);
      tried.push(pace.lanes);
    }

    expect(tried).toEqual([6, 7, 7, 7]);
  });

  test("of the best known: it halves, holds, and comes back", () => {
    const half = slowedDown(start, 1_000);
    expect(half).toMatchObject({ lanes: 2, holdUntilMs: 11_000 });

    expect(measured(half, 50, 10_999, 0).lanes).toBe(2);
    expect(measured(half, 50, 11_000, 0).lanes).toBe(3);
  });

  test("again and again: it ends with one lane", () => {
    let pace = start;
    for (let nowMs = 20_000; nowMs < 200_000; nowMs += 20_000) pace = slowedDown(pace, nowMs);

    expect(pace.lanes).toBe(1);
  });
});

describe("a request for less is an echo", () => {
  const half = slowedDown(start, 1_000);

  test.each([
    ["right after it went back", 2, 1_599, true],
    ["later on", 2, 1_600, false],
    ["while lanes run that are to end", 3, 60_000, true],
  ])("%s: %i lanes at %i ms: %j", (_, running, nowMs, echo) => {
    expect(isEcho(half, running, nowMs)).toBe(echo);
  });

  test("never while it climbs, or before the first", () => {
    expect(isEcho(start, 9, 0)).toBe(false);
    expect(isEcho(measured({ ...half, holdUntilMs: 0 }, 50, 2_000, 0), 3, 2_001)).toBe(false);
  });
});
