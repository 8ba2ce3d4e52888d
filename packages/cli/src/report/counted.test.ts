import type { TransferProgress } from "@img/node-fs";
import { expect, test } from "vitest";
import { linkText } from "../doctor/doctor-link.js";
import { explain } from "../failure/failure.js";
import { counted } from "./counted.js";
import { progressLine } from "./line-report.js";
import { transferLines } from "./transfer-view.js";

const progress: TransferProgress = {
  phase: "moving",
  sizeBytes: 100,
  doneBytes: 0,
  inFlightBytes: 8,
  digestedBytes: 60,
  partsDone: 0,
  partsTotal: 1,
  partsInFlight: 1,
  lanes: 1,
  bytesPerSecond: 10,
  etaMs: null,
  limitedBy: null,
};

const subject = { label: "a", name: "a", direction: "up", piped: false } as const;
const barOf = (change: Partial<TransferProgress>): string => {
  const view = { subject, progress: { ...progress, ...change }, etaSec: null, trouble: null };
  return transferLines(view, 100, { color: false, unicode: true })[1]!;
};

test.each([
  [0, "0 parts"],
  [1, "1 part"],
  [2, "2 parts"],
])("%d is %s", (count, text) => {
  expect(counted(count, "part")).toBe(text);
});

test("one part is singular in a bar and in a plain line", () => {
  expect(barOf({})).toContain(" · 0/1 part, 1 in flight");
  expect(barOf({ partsTotal: 2 })).toContain(" · 0/2 parts, ");
  expect(progressLine(progress, null)).toContain(", 0 of 1 part");
  expect(progressLine({ ...progress, partsTotal: 2 }, null)).toContain(", 0 of 2 parts");
});

test("parts from a pipe, whose size is unknown, are counted as they arrive", () => {
  expect(barOf({ sizeBytes: 0, partsDone: 1 })).toContain(" · 1 part, 1 in flight");
  expect(barOf({ sizeBytes: 0, partsDone: 2 })).toContain(" · 2 parts, 1 in flight");
});

test("one lane and one byte are singular, also in messages of a library", () => {
  expect(linkText({ limitedBy: null, lanes: 1 }, 1000, 3000)).toContain("over 1 lane:");
  expect(explain(new Error("it has 1 bytes, the file 11 bytes")).message).toBe(
    "it has 1 byte, the file 11 bytes",
  );
});
