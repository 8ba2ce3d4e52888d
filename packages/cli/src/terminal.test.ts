import { execFileSync, spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { main, MiB, script } from "./testing/script.js";

/** util-linux's `script` gives a command a terminal. */
const hasTerminal = ((): boolean => {
  try {
    return execFileSync("script", ["--version"], { encoding: "utf8" }).includes("util-linux");
  } catch {
    return false;
  }
})();

interface Shown {
  readonly code: number | null;
  readonly text: string;
}

/** What a terminal gets, and what is typed into it once it asks. */
async function onTerminal(
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
  answer: { readonly to: string; readonly with: string },
): Promise<Shown> {
  const command = [process.execPath, main, ...args].join(" ");
  const child = spawn("script", ["-qfec", command, "/dev/null"], { cwd, env });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  let answered = false;
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    if (answered || !text.includes(answer.to)) return;
    answered = true;
    child.stdin.write(answer.with);
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, text })));
}

const nothing = { to: "\0", with: "" };

test.skipIf(!hasTerminal)("on a terminal a bar is drawn, and goes when it is done", async () => {
  const { file, dir, env } = await script();
  file("a.img", 20 * MiB);
  const args = ["upload", "a.img", "--part-size", "5M", "--limit-rate", "10M"];
  const inUtf8 = { ...env, TERM: "xterm", LANG: "C.UTF-8" };
  const { code, text } = await onTerminal(args, dir, inUtf8, nothing);
  expect(code).toBe(0);
  expect(text).toMatch(/a\.img.*━.*\d+%/);
  expect(text).toMatch(/[\d.]+ of 20\.0 MiB · .*\/s/);
  const afterBar = text.slice(text.lastIndexOf("\x1b[J"));
  expect(afterBar).toMatch(/^\x1b\[JUploaded a\.img: 20\.0 MiB/); // eslint-disable-line no-control-regex -- a terminal's own
});

test.skipIf(!hasTerminal)("NO_COLOR leaves the colors out of the bar", async () => {
  const { file, dir, env } = await script();
  file("a.img", 20 * MiB);
  const args = ["upload", "a.img", "--limit-rate", "20M"];
  const { text } = await onTerminal(args, dir, { ...env, TERM: "xterm", NO_COLOR: "1" }, nothing);
  expect(text).toContain("a.img ");
  expect(text).not.toMatch(/\x1b\[\d+m/); // eslint-disable-line no-control-regex -- a terminal's own
});

test.skipIf(!hasTerminal)("img delete asks, and takes no for an answer", async () => {
  const { img, file, dir, env } = await script();
  file("a.img", 1);
  await img("upload", "a.img");
  const answer = { to: "[y/N] ", with: "n\n" };
  const { code, text } = await onTerminal(["delete", "a.img"], dir, env, answer);
  expect(code).toBe(1);
  expect(text).toMatch(/Delete a\.img \(image_\S+, completed\)\? \[y\/N\] /);
  expect(text).toContain("img: Nothing was deleted.");
  expect((await img("show", "a.img")).code).toBe(0);
});
