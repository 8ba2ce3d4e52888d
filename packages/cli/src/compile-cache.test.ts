import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadKept } from "./compile-cache.js";

let folder: string;
let file: string;
let kept: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "img-compiled-"));
  file = join(folder, "program.js");
  kept = join(folder, "cache", "program.compiled");
  writeFileSync(file, program("first"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const program = (word: string): string =>
  `exports.word = () => "${word}"; exports.at = [__filename, require("node:path").sep];`;

/** One run of the command. @returns What the program says. */
function run(...user: number[]): string {
  const { exports, keep } = loadKept(file, kept, ...user);
  const said = (exports as { word: () => string }).word();
  keep();
  return said;
}

test("what a run has compiled is kept for its user alone, and the next one does not write it again", () => {
  expect(run()).toBe("first");
  const { ino, mode } = statSync(kept);
  expect(mode & 0o777).toBe(0o600);
  expect(run()).toBe("first");
  expect(statSync(kept).ino).toBe(ino);
});

test("a program finds its own name and what it requires", () => {
  const { exports } = loadKept(file, kept);
  expect((exports as { at: string[] }).at).toEqual([file, "/"]);
});

test("another program of the same length is compiled anew", () => {
  run();
  writeFileSync(file, program("other"));
  expect(run()).toBe("other");
  expect(run()).toBe("other");
});

test.each([
  ["cut off", (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  [
    "changed in one bit",
    (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === 100 ? byte ^ 1 : byte))),
  ],
  ["empty", () => Buffer.alloc(0)],
])("what is kept and %s is not run, but written again", (_, damage) => {
  run();
  const whole = readFileSync(kept);
  writeFileSync(kept, damage(whole));
  expect(run()).toBe("first");
  expect(readFileSync(kept).length).toBe(whole.length);
});

test("what somebody else has kept is not run, but written again", () => {
  run();
  const { ino, uid } = statSync(kept);
  expect(run(uid + 1)).toBe("first");
  expect(statSync(kept).ino).not.toBe(ino);
});

test("where nothing can be kept, a run compiles", () => {
  kept = join(file, "not-a-folder", "program.compiled");
  expect(run()).toBe("first");
});
