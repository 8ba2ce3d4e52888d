import { expect, test } from "vitest";
import {
  formatAge,
  formatDuration,
  formatSeconds,
  NotADuration,
  parseDurationMs,
} from "./durations.js";

test.each([
  ["30", 30_000],
  ["30s", 30_000],
  ["0.5s", 500],
  ["10m", 600_000],
  ["2h", 7_200_000],
])("%s are %d ms", (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms);
});

test.each(["", "soon", "-1s", "10 days", "1m30s"])("%j is no duration", (text) => {
  expect(() => parseDurationMs(text)).toThrow(NotADuration);
});

test.each([
  [1, "1 s"],
  [59, "59 s"],
  [60, "1 min 00 s"],
  [200, "3 min 20 s"],
  [3600, "1 h 00 min"],
  [7500, "2 h 05 min"],
])("%d seconds are shown as %s", (sec, text) => {
  expect(formatSeconds(sec)).toBe(text);
});

test("a duration under ten seconds is shown with tenths", () => {
  expect(formatDuration(4210)).toBe("4.2 s");
  expect(formatDuration(9960)).toBe("10 s");
});

test.each([
  [5, "just now"],
  [200, "3 min ago"],
  [3700, "1 hour ago"],
  [200_000, "2 days ago"],
])("an age of %d seconds is %s", (sec, text) => {
  expect(formatAge(sec)).toBe(text);
});
