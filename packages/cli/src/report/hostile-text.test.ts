import type { Finding, TransferProgress } from "@img/node-fs";
import { NoProgressError, SourceUnusableError } from "@img/node-fs";
import { expect, test } from "vitest";
import { explain, failureLines } from "../failure/failure.js";
import { resumeCommand } from "../failure/typed-again.js";
import { BarReport } from "./bar-report.js";
import { LineReport } from "./line-report.js";
import { Table } from "./table.js";
import { escaped, printable } from "./text-width.js";
import type { Subject, TransferReport } from "./transfer-report.js";

const range = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, n) => String.fromCharCode(first + n));
const kinds = {
  "C0 controls": [...range(0x00, 0x1f), "\x7f"],
  "C1 controls": range(0x80, 0x9f),
  "bidi controls": [...range(0x202a, 0x202e), ...range(0x2066, 0x2069), "\u200e", "\u200f"],
};
const all = Object.values(kinds).flat();
const hostile = `a${all.join("b")}c`;

/** Removes a report's own sequences: colors, cursor movements and line ends. */
const notItsOwn = (written: string): string =>
  written.replace(/\r?\x1b\[\d*[AJKm]|\r(?=\x1b|$|[^\n])|\n/g, ""); // eslint-disable-line no-control-regex -- a terminal's own
const found = (written: string): readonly string[] =>
  all.filter((one) => notItsOwn(written).includes(one));

const subject: Subject = {
  label: hostile,
  name: hostile,
  direction: "up",
  piped: false,
};
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
  limitedBy: "retry",
  outage: {
    reason: hostile,
    isReachable: false,
    failedTries: 1,
    retryInMs: 1000,
    giveUpInMs: 1000,
  },
};
const finding: Finding = {
  code: "UNUSED_END",
  severity: "warning",
  message: hostile,
  advice: hostile,
};

function tellAll(report: TransferReport): void {
  report.begin(subject);
  report.call({ call: hostile, outcome: hostile });
  report.progress({ ...progress, outage: undefined });
  report.progress(progress);
  report.part({ number: 1, offset: 0, lengthBytes: 1 });
  report.warn(hostile, "FORMAT_RAW");
  report.finding(finding);
  report.end();
}

test.each(Object.entries(kinds))("%s never reach a terminal", (_, characters) => {
  for (const one of characters) {
    expect(printable(`a${one}b`)).toBe("a?b");
    expect(escaped(`"a${one}b"`)).toMatch(/^"a\\u[0-9a-f]{4}b"$/);
  }
});

test.each([20, 40, 120])(
  "a bar of %d columns shows them neither from names nor from what a server says",
  (columns) => {
    let written = "";
    const out = { columns, write: (text: string) => (written += text) };
    tellAll(new BarReport(out, { color: true, unicode: true }, true));
    expect(written).toContain("?");
    expect(found(written)).toEqual([]);
  },
);

test("plain lines show them neither from names nor from what a server says", () => {
  const lines: string[] = [];
  tellAll(new LineReport((line) => lines.push(line), true));
  expect(lines.join("")).toContain("?");
  expect(lines.filter((line) => all.some((one) => line.includes(one)))).toEqual([]);
});

test("a failure shows them neither from a message or a path nor in the command that resumes", () => {
  const standing = { resume: resumeCommand(["upload", hostile], new Set()), far: "" };
  const errors = [
    new SourceUnusableError(`There is no file ${hostile}.`),
    new NoProgressError("moving", 1000, hostile),
    Object.assign(new Error(hostile), { code: "API_REFUSED", advice: hostile }),
  ];
  const told = errors.flatMap((error) => failureLines(explain(error, standing))).join("");
  expect(told).toContain("Resume with: img upload $'");
  expect(found(told)).toEqual([]);
});

test("a table of images does not show them", () => {
  const lines = new Table(["NAME", "ID"], 80).lines([[hostile, hostile]]);
  expect(lines.join("")).toContain("?");
  expect(lines.filter((line) => all.some((one) => line.includes(one)))).toEqual([]);
});
