import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "@img/local-server";
import { expect, onTestFinished, test } from "vitest";
import { readScript, says, type Step } from "./testing/read-script.js";
import { checkEvent } from "./testing/event-schema.js";
import { main, script, type Script } from "./testing/script.js";

const folder = join(import.meta.dirname, "../scripts");

for (const name of readdirSync(folder).sort()) {
  const { title, steps } = readScript(readFileSync(join(folder, name), "utf8"));
  test(`${name}: ${title}`, async () => {
    const world = await script();
    for (const step of steps) await take(step, name, world);
  });
}

test("a script whose output differs fails", () => {
  expect(says(["one", "…", "th…e", "… is any"], ["one", "two", "three", "this is any"])).toBe(true);
  expect(says(["one", "…"], ["one"])).toBe(true);
  expect(says(["one"], ["one", "two"])).toBe(false);
  expect(says(["one", "two"], ["one"])).toBe(false);
  expect(says(["o.e"], ["one"])).toBe(false);
});

async function take(step: Step, name: string, world: Script): Promise<void> {
  if (step.do === "file") world.file(step.name, step.sizeBytes);
  else if (step.do === "env") world.env[step.name] = step.value;
  else if (step.do === "fault") world.server.faults.add(step.fault as Fault);
  else if (step.do === "server-stops") await world.server.close();
  else {
    const { code, said } = await runInBash(step.command, world);
    said.flatMap(eventsIn).forEach(checkEvent);
    const where = `scripts/${name}, line ${step.line}: ${step.command}`;
    // A difference is shown side by side.
    if (!says(step.expected, said)) expect(said, where).toEqual(step.expected);
    expect(code, `${where}\n${said.join("\n")}`).toBe(step.exitCode);
  }
}

/** Parses a line of `--json`. A line that a filter has cut is none. */
function eventsIn(line: string): Record<string, unknown>[] {
  return /^\{"(event|object|name|at)".*\}$/.test(line)
    ? [JSON.parse(line) as Record<string, unknown>]
    : [];
}

/** Runs a command in bash as a person would: `img` is a command, and both outputs are one terminal. */
async function runInBash(
  command: string,
  { dir, env }: Script,
): Promise<{ code: number | null; said: string[] }> {
  const img = `set -o pipefail; img() { ${process.execPath} ${main} "$@"; }; { ${command}\n} 2>&1`;
  const child = spawn("bash", ["-c", img], { cwd: dir, env, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => (text += more));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const said = text.split("\n");
  while (said.at(-1) === "") said.pop();
  return { code, said };
}
