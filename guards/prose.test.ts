import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./workspace.js";

/** Words that make a sentence hard to understand, and what to write instead. */
const words: readonly (readonly [RegExp, instead: string])[] = [
  [/\b(go|goes|gone|going|went) on\b/i, "continue, resume"],
  [/\bmend(s|ed|ing)?\b/i, "fix, correct"],
  [/\banew\b/i, "again, start over"],
  [/\bunder way\b/i, "running, in flight, at the same time"],
  [/\bwhoever\b/i, "name who it is"],
  [/\bnobody knows\b/i, "unknown, not found"],
  [/\bwithout a word\b/i, "killed, crashed"],
  [/\bheld by\b/i, "limited by, locked by"],
  [/\bhere are only\b/i, "allowed:"],
  [/\bhalf-made\b/i, "unfinished"],
  [/\b(won't|will not) do\b/i, "is invalid, cannot be used"],
  [/\bthe one who\b/i, "name who it is"],
  [/\bin its turn\b/i, "then, in order"],
  [/\bread here and there\b/i, "read at any offset"],
  [/\b(belies?|unsaid|for want of)\b/i, "say it directly"],
];

/** The files that are not read: those that list these words, and those made from tests and data. */
const besides = [/^CHANGELOG\.md$/, /^guards\/prose\.test\.ts$/, /\/testdata\//];
const texts = execFileSync(
  "git",
  ["ls-files", "*.md", "*.ts", "*.js", "*.html", "*.yml", "*.txt"],
  {
    cwd: root,
    encoding: "utf8",
  },
)
  .split("\n")
  .filter((file) => file !== "" && !besides.some((pattern) => pattern.test(file)));

test("documents, messages, comments and titles use common words", () => {
  const found = texts.flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .flatMap((line, index) =>
        words
          .filter(([pattern]) => pattern.test(line))
          .map(([, instead]) => `${file}:${index + 1}: write "${instead}": ${line.trim()}`),
      ),
  );
  expect(found).toEqual([]);
});
