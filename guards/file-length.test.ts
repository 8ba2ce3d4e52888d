import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { filesIn, root, short } from "./workspace.js";

const most = { source: 250, test: 400 };

/** Longer, with the reason. The list only gets shorter. */
const excused: Readonly<Record<string, string>> = {
  "packages/core/src/call.test.ts": "every way that a call can end, one after the other",
};

const linesOf = (path: string): number => readFileSync(path, "utf8").split("\n").length - 1;
const isTest = (path: string): boolean => path.endsWith(".test.ts");
const files = filesIn(root, /\.ts$/).map((path) => ({ path: short(path), lines: linesOf(path) }));

test(`a source has at most ${most.source} lines, a test file at most ${most.test}`, () => {
  const long = files
    .filter(({ path, lines }) => lines > (isTest(path) ? most.test : most.source))
    .filter(({ path }) => excused[path] === undefined);
  expect(long).toEqual([]);
});

test("no file is excused that is short", () => {
  const needless = files.filter(
    ({ path, lines }) => path in excused && lines <= (isTest(path) ? most.test : most.source),
  );
  expect(needless).toEqual([]);
});
