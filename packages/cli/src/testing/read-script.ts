/** One step of a script: a command with its expected output, or a change of its surroundings. */
export type Step =
  | {
      readonly do: "run";
      readonly line: number;
      readonly command: string;
      readonly expected: readonly string[];
      readonly exitCode: number;
    }
  | { readonly do: "file"; readonly name: string; readonly sizeBytes: number }
  | { readonly do: "env"; readonly name: string; readonly value: string }
  | { readonly do: "fault"; readonly fault: unknown }
  | { readonly do: "server-stops" };

export interface ScriptText {
  /** The first line, without its `#`. */
  readonly title: string;
  readonly steps: readonly Step[];
}

/**
 * Reads a script. Its lines are:
 *
 * ```text
 * # a comment; the first one is the test's title
 * file NAME SIZE          makes a file of made-up bytes: 6M, 1K, 0
 * env NAME=VALUE          for the commands after it
 * fault JSON              tells the server to misbehave
 * server stops
 * $ COMMAND               run by bash; below it what it says, on both outputs
 * [exit CODE]             how it ends, unless with 0
 * ```
 *
 * In what it says, `…` is any text within a line, and a line of `…` any lines.
 */
export function readScript(text: string): ScriptText {
  const lines = text.split("\n");
  const steps: Step[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.startsWith("$ ")) {
      const end = lines.findIndex((next, index) => index > at && isStep(next));
      const said = lines.slice(at + 1, end < 0 ? lines.length : end);
      steps.push(runStep(at + 1, line.slice(2), said));
      at += said.length;
    } else if (line !== "" && !line.startsWith("#")) {
      steps.push(otherStep(line));
    }
  }
  return { title: (lines[0] ?? "").replace(/^# */, ""), steps };
}

const isStep = (line: string): boolean =>
  /^(\$ |#|file \S+ \d+[KM]?$|env |fault |server stops$)/.test(line);

function runStep(line: number, command: string, said: readonly string[]): Step {
  const exit = said.map((text) => /^\[exit (\d+)\]$/.exec(text)).find((match) => match !== null);
  const expected = said.filter((text) => !text.startsWith("[exit "));
  while (expected.at(-1) === "") expected.pop();
  return { do: "run", line, command, expected, exitCode: Number(exit?.[1] ?? 0) };
}

function otherStep(line: string): Step {
  const [, word, rest] = /^(\w+) (.*)$/.exec(line) ?? [];
  if (word === "file") {
    const [name, size] = rest!.split(" ");
    return { do: "file", name: name!, sizeBytes: sizeOf(size!) };
  }
  if (word === "env") {
    const at = rest!.indexOf("=");
    return { do: "env", name: rest!.slice(0, at), value: rest!.slice(at + 1) };
  }
  if (word === "fault") return { do: "fault", fault: JSON.parse(rest!) };
  if (line === "server stops") return { do: "server-stops" };
  throw new Error(`No script knows: ${line}`);
}

function sizeOf(text: string): number {
  const [, count, unit] = /^(\d+)([KM]?)$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`No size: ${text}`);
  return Number(count) * (unit === "M" ? 1024 ** 2 : unit === "K" ? 1024 : 1);
}

/** Whether the output is the expected one. */
export function says(expected: readonly string[], said: readonly string[]): boolean {
  const [first, ...rest] = expected;
  if (first === undefined) return said.length === 0;
  if (first === "…") {
    return said.some((_, index) => says(rest, said.slice(index))) || says(rest, []);
  }
  return said.length > 0 && lineSays(first, said[0]!) && says(rest, said.slice(1));
}

function lineSays(expected: string, said: string): boolean {
  const pattern = expected.split("…").map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pattern.join(".*")}$`).test(said);
}
