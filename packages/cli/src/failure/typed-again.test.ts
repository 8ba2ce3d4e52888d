import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { resumeCommand } from "./typed-again.js";

test("the command that resumes is the one that was typed, without finished files and without --force", () => {
  const argv = ["upload", "a.img", "b.img", "--limit-rate", "20M", "--force"];
  expect(resumeCommand(argv, new Set(["a.img"]))).toBe("img upload b.img --limit-rate 20M");
});

test("characters that control the terminal are written as bytes that a shell reads", () => {
  const name = "a'b\\c\x1b[2J\u202egmi.img";
  const command = resumeCommand(["upload", name], new Set());
  expect(command).toBe("img upload $'a\\'b\\\\c\\x1b[2J\\xe2\\x80\\xaegmi.img'");
  const read = execFileSync("bash", ["-c", command.replace(/^img upload/, "printf %s")]);
  expect(read.toString()).toBe(name);
});

test("it can be pasted into a shell, whatever the file's name is", () => {
  const argv = ["upload", "my disk's $image.img", "ü.img"];
  expect(resumeCommand(argv, new Set())).toBe("img upload 'my disk'\\''s $image.img' 'ü.img'");
});
