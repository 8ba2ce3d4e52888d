import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { World } from "./world.js";

/** A process of its own, running the built package. */
export interface Child {
  /** Resolves to the JSON that it printed; rejects with the error that it threw. */
  readonly result: Promise<Readonly<Record<string, unknown>>>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

const packageUrl = new URL("../../dist/index.js", import.meta.url).href;

/**
 * Runs an expression in a child process. `img` has `uploadImage`, `downloadImage` and all other names of the package. The client is the one from the environment. Its result is printed as JSON.
 */
export function runChild(
  world: World,
  expression: string,
  env: Readonly<Record<string, string>> = {},
): Child {
  const code = `import * as img from ${JSON.stringify(packageUrl)};
    try { console.log(JSON.stringify(await ${expression})); }
    catch (error) { console.error(error); console.log(JSON.stringify({ code: error.code, message: error.message })); }`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      SFC_SERVER_URL: world.server.url,
      SFC_BEARER_AUTH: world.server.token,
      ...env,
    },
  });
  const closed = once(child, "close");
  return {
    result: resultOf(child, closed, world),
    kill: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

async function resultOf(
  child: ChildProcess,
  closed: Promise<unknown>,
  world: World,
): Promise<Readonly<Record<string, unknown>>> {
  const printed = { out: "", err: "" };
  child.stdout?.on("data", (text) => (printed.out += String(text)));
  child.stderr?.on("data", (text) => (printed.err += String(text)));
  await closed;
  world.look("the child's output", printed.out + printed.err);
  if (printed.out === "") return { code: "KILLED", message: printed.err };
  return JSON.parse(printed.out) as Record<string, unknown>;
}
