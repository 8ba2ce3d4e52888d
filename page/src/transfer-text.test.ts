import type { TransferProgress } from "@img/browser-blob";
import { expect, test } from "vitest";
import { doneText, runningText } from "./transfer-text.js";

const MiB = 2 ** 20;
const progress: TransferProgress = {
  phase: "moving",
  sizeBytes: 100 * MiB,
  doneBytes: 40 * MiB,
  inFlightBytes: 8 * MiB,
  digestedBytes: 30 * MiB,
  partsDone: 5,
  partsTotal: 13,
  partsInFlight: 1,
  lanes: 4,
  bytesPerSecond: 12 * MiB,
  etaMs: 90_000,
  limitedBy: "network",
};
const moved = "48.0 MiB of 100 MiB";

test("a running transfer shows its rate, the time left, and what limits it", () => {
  expect(runningText(moved, progress, "upload")).toBe(
    "48.0 MiB of 100 MiB · 12.0 MiB/s · 1 min 30 s left · limited by the network",
  );
});

test.each([
  ["upload", "file"],
  ["download", "download"],
] as const)(
  "at the end of an %s the digest may still be computed, and the text says so",
  (kind, what) => {
    const ended = { ...progress, doneBytes: 92 * MiB, bytesPerSecond: 0, etaMs: 0 };
    expect(runningText(moved, ended, kind)).toBe(`Verifying the ${what}: 30.0 MiB of 100 MiB`);
  },
);

test("in an outage the text has no rate and no time left, but says how much is safe", () => {
  const outage = {
    reason: "connection refused",
    isReachable: false,
    failedTries: 2,
    retryInMs: 8_000,
    giveUpInMs: 580_000,
  };
  expect(runningText(moved, { ...progress, outage }, "upload")).toBe(
    "Server not reachable. Retrying in 8 s (try 3, giving up in 9 min 40 s). 40.0 MiB are safe.",
  );
  const refused = { ...outage, reason: "status 503, SlowDown", isReachable: true, retryInMs: 0 };
  expect(runningText(moved, { ...progress, outage: refused }, "upload")).toMatch(
    /^The server refused: status 503, SlowDown\. Retrying now/,
  );
});

test("the rate of a resumed transfer counts only this session", () => {
  const done = { imageId: "image_a", sha256: "", verified: true, sizeBytes: 100 * MiB };
  expect(doneText({ ...done, movedBytes: 20 * MiB, elapsedMs: 10_000 }, "upload")).toBe(
    "Uploaded 100 MiB · 20.0 MiB sent now in 10 s, 2.0 MiB/s",
  );
});
