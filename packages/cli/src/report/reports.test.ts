import type { TransferProgress } from "@img/node-fs";
import { expect, test } from "vitest";
import { JsonReport } from "./json-report.js";
import { LineReport, progressLine } from "./line-report.js";
import type { Subject } from "./transfer-report.js";

const subject: Subject = { label: "a.img", name: "a", direction: "up", piped: false };
const progress: TransferProgress = {
  phase: "moving",
  sizeBytes: 100,
  doneBytes: 50,
  inFlightBytes: 8,
  digestedBytes: 60,
  partsDone: 5,
  partsTotal: 10,
  partsInFlight: 1,
  lanes: 1,
  bytesPerSecond: 10,
  etaMs: 4200,
  limitedBy: "disk",
};

test("a plain line makes sense on its own", () => {
  expect(progressLine(progress, 5)).toBe(
    "58%, 58 of 100 B, 10 B/s, 5 s left, 5 of 10 parts, limited by the disk",
  );
  expect(progressLine({ ...progress, phase: "finishing" }, null)).toBe("finishing");
});

test("a transfer that ends within ten seconds prints no plain lines", () => {
  const lines: string[] = [];
  const report = new LineReport((line) => lines.push(line), false);
  report.begin(subject);
  report.progress(progress);
  report.end();
  expect(lines).toEqual([]);
});

test("with --verbose a plain line tells each part", () => {
  const lines: string[] = [];
  const report = new LineReport((line) => lines.push(line), true);
  report.begin(subject);
  for (const number of [2, 1]) report.part({ number, offset: 0, lengthBytes: 5 * 1024 ** 2 });
  report.call({ call: "GET /v2/images", outcome: "200" });
  expect(lines).toEqual([
    "a.img: part 2 is there, 5.00 MiB",
    "a.img: part 1 is there, 5.00 MiB",
    "a.img: GET /v2/images: 200",
  ]);
});

const retry = {
  part: 1,
  reason: "status 503",
  isReachable: true,
  failedTries: 1,
  retryInMs: 500,
  giveUpInMs: 60_000,
} as const;

test.each([
  [false, ["retry"]],
  [true, ["retry", "lanes"]],
])(
  "as JSON, verbose %j, these events of the library come with the file: %j",
  (verbose, expected) => {
    const events: { readonly event?: string }[] = [];
    const report = new JsonReport((event) => events.push(event), verbose);
    report.begin(subject);
    report.event({ v: 1, event: "retry", ...retry });
    report.event({ v: 1, event: "lanes", lanes: 4, formerLanes: 0 });
    report.event({ v: 1, event: "warning", code: "LOCK_WATCHED", message: "A lock." });
    expect(events.map(({ event }) => event)).toEqual(expected);
    expect(events[0]).toEqual({ event: "retry", v: 1, file: "a.img", name: "a", ...retry });
  },
);

test("as JSON, the first progress comes at once and the next not before a second", () => {
  const events: object[] = [];
  const report = new JsonReport((event) => events.push(event), false);
  report.begin(subject);
  report.progress(progress);
  report.progress(progress);
  report.call({ call: "GET /v2/images", outcome: "200" });
  report.warn("This is no raw image.", "FORMAT_RAW");
  expect(events).toEqual([
    { event: "progress", v: 1, file: "a.img", name: "a", ...progress },
    {
      event: "warning",
      v: 1,
      file: "a.img",
      name: "a",
      message: "This is no raw image.",
      code: "FORMAT_RAW",
    },
  ]);
});
