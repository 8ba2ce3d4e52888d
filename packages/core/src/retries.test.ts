import { describe, expect, test } from "vitest";
import {
  backoffMs,
  defaultBackoff,
  matchesStatus,
  nextWaitMs,
  retryAfterMs,
} from "@img/core/retries";

const backoff = {
  initialInterval: 100,
  maxInterval: 1000,
  exponent: 2,
  maxElapsedTime: 10_000,
};

describe("the backoff", () => {
  test.each([
    [0, 0],
    [1, 100],
    [2, 400],
    [3, 900],
    [4, 1000],
    [5000, 1000],
  ])(
    "before retry %i is at least %i ms, and up to a second more, within the limit",
    (retry, ms) => {
      expect(backoffMs(retry, backoff, 0)).toBe(ms);
      expect(backoffMs(retry, backoff, 1)).toBe(Math.min(ms + 1000, backoff.maxInterval));
    },
  );

  test("with the vendor's documented values is mostly the longest interval, so few tries are made", () => {
    const documented = { initialInterval: 1, maxInterval: 50, exponent: 1.1, maxElapsedTime: 100 };
    const at = { retryAfterMs: undefined, random: 0.5 };
    expect(nextWaitMs({ ...at, retries: 0, elapsedMs: 0 }, documented)).toBe(50);
    expect(nextWaitMs({ ...at, retries: 1, elapsedMs: 50 }, documented)).toBe(50);
    expect(nextWaitMs({ ...at, retries: 2, elapsedMs: 101 }, documented)).toBeUndefined();
  });

  test("is never negative", () => {
    expect(backoffMs(3, { ...backoff, initialInterval: -5 }, 0)).toBe(0);
  });
});

describe("Retry-After", () => {
  const nowMs = Date.parse("Fri, 07 Mar 2025 10:00:00 GMT");

  test.each([
    ["0", 0],
    ["7", 7000],
    [" 120 ", 120_000],
    ["1000000000", 1e12],
    ["9".repeat(400), Infinity],
    ["Fri, 07 Mar 2025 10:00:30 GMT", 30_000],
    ["Friday, 07-Mar-25 10:00:30 GMT", 30_000],
    ["Fri, 07 Mar 2025 09:00:00 GMT", 0],
  ])("%s is %d ms", (header, ms) => {
    expect(retryAfterMs(header, nowMs)).toBe(ms);
  });

  test.each([null, undefined, "", "soon", "-5", "1.5", "1e3", "2025-03-07", "Fri, 99 Foo 2025"])(
    "%s says nothing",
    (header) => {
      expect(retryAfterMs(header, nowMs)).toBeUndefined();
    },
  );
});

describe("the next wait", () => {
  const first = { retries: 1, elapsedMs: 0, retryAfterMs: undefined, random: 0 };

  test("is the backoff where the answer asks for nothing", () => {
    expect(nextWaitMs(first, backoff)).toBe(100);
  });

  test("is what Retry-After asks for, however short", () => {
    expect(nextWaitMs({ ...first, retryAfterMs: 20 }, backoff)).toBe(20);
  });

  test("is the longest interval where Retry-After asks for more", () => {
    expect(nextWaitMs({ ...first, retryAfterMs: 1e12 }, backoff)).toBe(1000);
    expect(nextWaitMs({ ...first, retryAfterMs: Infinity }, backoff)).toBe(1000);
  });

  test("is the backoff where Retry-After is past", () => {
    expect(nextWaitMs({ ...first, retryAfterMs: 0 }, backoff)).toBe(100);
  });

  test("is none once the total time is over", () => {
    expect(nextWaitMs({ ...first, elapsedMs: 10_000 }, backoff)).toBe(100);
    expect(nextWaitMs({ ...first, elapsedMs: 10_001 }, backoff)).toBeUndefined();
    expect(nextWaitMs({ ...first, elapsedMs: 9_901, retryAfterMs: 100 }, backoff)).toBeUndefined();
  });

  test("is none where an option is no number", () => {
    expect(nextWaitMs(first, { ...backoff, initialInterval: NaN })).toBeUndefined();
  });

  test("has the vendor's defaults", () => {
    expect(defaultBackoff).toEqual({
      initialInterval: 500,
      maxInterval: 60_000,
      exponent: 1.5,
      maxElapsedTime: 3_600_000,
    });
  });
});

test.each([
  [503, ["503"], true],
  [503, ["5XX"], true],
  [503, ["5xx", "429"], true],
  [429, ["5XX"], false],
  [500, ["50"], false],
  [0, ["5XX"], false],
])("status %i against %j is %s", (status, codes, expected) => {
  expect(matchesStatus(status, codes)).toBe(expected);
});
