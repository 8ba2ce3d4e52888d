import { expect, test } from "vitest";
import { outageOf, type Setback } from "./patience.js";

const setback: Setback = {
  reason: "connection refused",
  isReachable: false,
  failedTries: 3,
  retryAtMs: 5_000,
  giveUpAtMs: 60_000,
  movedBytes: 100,
};

test("an outage tells the next try and the end, in milliseconds from now", () => {
  const told = { reason: "connection refused", isReachable: false, failedTries: 3 };
  expect(outageOf(setback, 100, 2_000)).toEqual({ ...told, retryInMs: 3_000, giveUpInMs: 58_000 });
});

test("while the next try is made, it is due", () => {
  expect(outageOf(setback, 100, 7_000)?.retryInMs).toBe(0);
});

test("it is over as soon as a byte moves", () => {
  expect(outageOf(setback, 101, 2_000)).toBeNull();
});

test("without a failure there is none", () => {
  expect(outageOf(null, 0, 0)).toBeNull();
});
