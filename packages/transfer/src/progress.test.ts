import { describe, expect, test } from "vitest";
import {
  etaMs,
  limitedBy,
  observe,
  startProgress,
  type LaneState,
  type Limit,
  type ProgressState,
} from "./progress.js";

const look = { movedBytes: 0, laneStates: [], buffersOut: false, rateLimited: false };

/** The state after looks at a steady rate, ten a second. */
function after(seconds: number, bytesPerSecond: number, from = startProgress(0)): ProgressState {
  let state = from;
  for (let left = seconds * 10; left > 0; left--) {
    const nowMs = state.lastMs + 100;
    const movedBytes = state.lastMovedBytes + bytesPerSecond / 10;
    state = observe(state, { ...look, nowMs, movedBytes, laneStates: ["moving"] });
  }
  return state;
}

describe("the rate", () => {
  test("is 0 until something was looked at", () => {
    expect(startProgress(0).rate).toBe(0);
  });

  test("is right from the first look on", () => {
    expect(after(0.1, 5_000).rate).toBeCloseTo(5_000);
    expect(after(60, 5_000).rate).toBeCloseTo(5_000);
  });

  test("follows a change within a few seconds", () => {
    const state = after(10, 1_000, after(60, 9_000));

    expect(state.rate).toBeGreaterThan(1_000);
    expect(state.rate).toBeLessThan(1_400);
  });

  test("is not disturbed by two looks at one moment", () => {
    const state = after(1, 5_000);

    expect(observe(state, { ...look, nowMs: state.lastMs, movedBytes: 1e9 })).toBe(state);
  });
});

describe("the time left", () => {
  test("is what is left at the present rate", () => {
    expect(etaMs(after(1, 1_000), 30_000)).toBe(30_000);
  });

  test("is not told in the first second, when it is a guess", () => {
    expect(etaMs(after(0.9, 1_000), 30_000)).toBeNull();
  });

  test("hardly moves after a start that filled the sockets' buffers at once", () => {
    const burst = observe(startProgress(0), { ...look, nowMs: 100, movedBytes: 5_000 });
    const first = etaMs(after(1, 10_000, burst), 1_000_000)!;
    const later = etaMs(after(20, 10_000, burst), 1_000_000)!;
    expect(first / later).toBeGreaterThan(0.6);
  });

  test("is not told while nothing moves", () => {
    expect(etaMs(startProgress(0), 30_000)).toBeNull();
  });
});

describe("what holds it back", () => {
  test.each<[Limit, LaneState, object]>([
    ["disk", "taking", {}],
    ["digest", "taking", { buffersOut: true }],
    ["disk", "recording", {}],
    ["server", "minting", {}],
    ["server", "answering", {}],
    ["network", "moving", {}],
    ["rate-limit", "moving", { rateLimited: true }],
    ["retry", "waiting", {}],
  ])("is the %s while lanes are %s with %o", (limit, state, about) => {
    const seen = observe(startProgress(0), { ...look, ...about, nowMs: 1, laneStates: [state] });

    expect(limitedBy(seen)).toBe(limit);
  });

  test("is what most lanes wait for", () => {
    const laneStates: LaneState[] = ["moving", "waiting", "moving"];

    expect(limitedBy(observe(startProgress(0), { ...look, nowMs: 1, laneStates }))).toBe("network");
  });

  test("is not what lanes do for which no part is left", () => {
    const laneStates: LaneState[] = ["idle", "idle", "moving", "idle"];

    expect(limitedBy(observe(startProgress(0), { ...look, nowMs: 1, laneStates }))).toBe("network");
  });

  test("is not told before any lane was seen", () => {
    expect(limitedBy(startProgress(0))).toBeNull();
  });

  test("is forgotten when it is over", () => {
    let state = after(60, 1_000);
    for (let n = 0; n < 100; n++) {
      const nowMs = state.lastMs + 100;
      state = observe(state, { ...look, nowMs, movedBytes: nowMs, laneStates: ["waiting"] });
    }

    expect(limitedBy(state)).toBe("retry");
  });
});
