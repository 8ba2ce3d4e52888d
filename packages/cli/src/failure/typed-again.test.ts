import { expect, test } from "vitest";
import { resumeCommand } from "./typed-again.js";

test("what was typed resumes it, without what is done and without taking over again", () => {
  const argv = ["upload", "a.img", "b.img", "--limit-rate", "20M", "--force"];
  expect(resumeCommand(argv, new Set(["a.img"]))).toBe("img upload b.img --limit-rate 20M");
});

test("it can be pasted into a shell whatever the file is called", () => {
  const argv = ["upload", "my disk's $image.img", "ü.img"];
  expect(resumeCommand(argv, new Set())).toBe("img upload 'my disk'\\''s $image.img' 'ü.img'");
});
