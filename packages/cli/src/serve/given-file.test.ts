import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readGivenFile } from "./given-file.js";

test("a pipe is read as a file, so that a shell's <(…) can give one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "img-given-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const [text] = await Promise.all([readGivenFile(pipe, ""), writeFile(pipe, "what it says")]);
  expect(text).toBe("what it says");
});
