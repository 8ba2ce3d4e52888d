import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { filesIn, root } from "./workspace.js";

/** A comment in which a test names its faults, and the line below it. */
interface Mark {
  readonly place: string;
  readonly text: string;
  readonly ids: readonly string[];
  readonly below: string;
}

/** The marks in all tests' sources; the suites of contracts are tests too. */
const marks = filesIn(join(root, "packages"), /\.ts$/)
  .filter((path) => /\.test\.ts$|[\\/]contracts[\\/]/.test(path))
  .flatMap(marksIn);

function marksIn(path: string): readonly Mark[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.flatMap((line, index) => {
    const text = /^\s*\/\/ fault (.*)$/.exec(line)?.[1];
    if (text === undefined) return [];
    const place = `${relative(root, path)}:${index + 1}`;
    return [{ place, text, ids: text.split(", "), below: lines[index + 1] ?? "" }];
  });
}

const pages = ["faults-of-process-and-disk.md", "faults-of-network-and-services.md"];

const idsOf = (page: string): readonly string[] =>
  readFileSync(join(import.meta.dirname, page), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (id|---)/.test(line))
    .map((line) => line.split(" | ")[0]!.slice(2).trim());

const listed = pages.flatMap(idsOf);

test("every fault has an id of its own", () => {
  expect(listed.length).toBeGreaterThanOrEqual(100);
  expect(listed.filter((id) => !/^[ADNOU]\d\d$/.test(id))).toEqual([]);
  expect(listed.filter((id, index) => listed.indexOf(id) !== index)).toEqual([]);
});

test("every fault has a test that is marked with its id", () => {
  const marked = new Set(marks.flatMap(({ ids }) => ids));
  expect(listed.filter((id) => !marked.has(id))).toEqual([]);
});

test("every mark names faults that are listed, and stands directly above a test", () => {
  const isWrong = ({ ids, below }: Mark): boolean =>
    ids.some((id) => !listed.includes(id)) ||
    !/^\s*(test|check|describe|onSmallDisk)\b/.test(below);
  expect(marks.filter(isWrong).map(({ place, text }) => `${place}: ${text}`)).toEqual([]);
});
