import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  startServer,
  type AddedFault,
  type SeenRequest,
  type Server,
  type ServerOptions,
} from "@img/local-server";
import { onTestFinished } from "vitest";
import { checkEvent } from "./event-schema.js";

export const main: string = join(import.meta.dirname, "../../dist/main.js");
export const token = "script-token-0123456789";
export const MiB: number = 1024 * 1024;
/**
 * The time limit of "at once": shorter than a timeout, a stall or another try, which take 30 s. Usually it is
 * under a second, most of it outside of the command, which `interruption.test.ts` measures; a busy machine
 * needs more.
 */
export const atOnceMs = 10_000;

/** How a command ended, and its output. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly lines: readonly string[];
  /** The lines of stdout as JSON. */
  readonly events: readonly Record<string, unknown>[];
  /** The one line of stderr as JSON. */
  readonly error: Record<string, unknown>;
  readonly tookMs: number;
}

/** A command that is running. */
export interface Running {
  readonly process: ChildProcess;
  readonly done: Promise<Ran>;
  /** Resolves with the first event on stdout that fits; rejects if the command ends without one. */
  readonly event: (
    fits: (event: Record<string, unknown>) => boolean,
  ) => Promise<Record<string, unknown>>;
}

/** A folder in which `img` is run as a person would, and a server. */
export interface Script {
  readonly dir: string;
  readonly server: Server;
  readonly env: Record<string, string>;
  readonly img: (...args: string[]) => Promise<Ran>;
  readonly start: (...args: string[]) => Running;
  /** Writes a file of made-up bytes, or with this text. @returns Its SHA-256. */
  readonly file: (name: string, content: number | string | Uint8Array) => string;
}

/**
 * Makes a folder and a server, which are removed when the test ends.
 *
 * @param program What is run as `img`: by default the built command on this Node.
 */
export async function script(
  options: Partial<ServerOptions> = {},
  program: readonly [string, ...string[]] = [process.execPath, main],
): Promise<Script> {
  const dir = mkdtempSync(join(tmpdir(), "img-script-"));
  const server = await startServer({
    dir: join(dir, ".store"),
    port: 0,
    token,
    drainMs: 0,
    ...options,
  });
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: dir,
    XDG_STATE_HOME: join(dir, ".state"),
    XDG_CONFIG_HOME: join(dir, ".config"),
    SFC_SERVER_URL: server.url,
    SFC_BEARER_AUTH: token,
    IMG_CHECK: "off", // made-up bytes are no disk that boots
    NODE_NO_WARNINGS: "1", // of an old Node, which these tests run on too
  };
  onTestFinished(async () => {
    await server.close();
    // A command on a terminal ends shortly after the terminal, and may still write.
    rmSync(dir, { recursive: true, force: true, maxRetries: 20 });
  });
  const start = (...args: string[]): Running => run(program, args, dir, env);
  const file = (name: string, content: number | string | Uint8Array): string => {
    const bytes = typeof content === "number" ? bytesOf(name, content) : Buffer.from(content);
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), bytes);
    return sha256Of(bytes);
  };
  return { dir, server, env, start, file, img: (...args) => start(...args).done };
}

/** Keeps an upload running on any machine: the request of this part gets no answer. */
export const neverWhole = ({ faults }: Server, partId: number): AddedFault =>
  faults.add({ on: "part", partId, do: "stall", times: Infinity });

/** Keeps a download running on any machine: the request of the part at this offset gets no answer. */
export const neverWholeDownload = ({ faults }: Server, offset: number): AddedFault =>
  faults.add({ on: "download", only: startsAt(offset), do: "stall", times: Infinity });

/** Returns a condition: the request asks for bytes from this offset on. */
export const startsAt =
  (offset: number) =>
  ({ headers }: SeenRequest): boolean =>
    headers.range?.startsWith(`bytes=${offset}-`) ?? false;

export const sha256Of = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

/** Returns the same bytes for the same seed; no two parts are alike. */
function bytesOf(seed: string, length: number): Buffer {
  const block = createHash("sha512").update(seed).digest();
  const bytes = Buffer.alloc(length, block);
  for (let at = 0; at + 4 <= length; at += 4096) bytes.writeUInt32LE(at / 4096, at);
  return bytes;
}

function run(
  [command, ...before]: readonly [string, ...string[]],
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Running {
  const beganMs = performance.now();
  const child = spawn(command, [...before, ...args], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  const closed = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve([code, signal]));
  });
  const done = closed.then(([code, signal]) => {
    const tookMs = performance.now() - beganMs;
    // Only a killed process may leave half a line.
    if (args.includes("--json") && signal !== "SIGKILL") checkLines(said);
    return ran(code, said, tookMs);
  });
  const event: Running["event"] = (fits) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = wholeLines(said.stdout).find((line) => fits(parse(line)));
        if (found !== undefined) resolve(parse(found));
      };
      look();
      child.stdout.on("data", look);
      child.once("close", () => reject(new Error(`It ended before: ${said.stdout}${said.stderr}`)));
    });
  return { process: child, done, event };
}

/** Checks that every line is documented. */
function checkLines(said: { readonly stdout: string; readonly stderr: string }): void {
  for (const line of [...wholeLines(said.stdout), ...wholeLines(said.stderr)]) {
    checkEvent(parse(line));
  }
}

const wholeLines = (text: string): string[] =>
  text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter(Boolean);

const parse = (line: string): Record<string, unknown> =>
  JSON.parse(line) as Record<string, unknown>;

function ran(code: number | null, said: { stdout: string; stderr: string }, tookMs: number): Ran {
  return {
    code,
    ...said,
    tookMs,
    lines: wholeLines(said.stdout),
    get events() {
      return wholeLines(said.stdout).map(parse);
    },
    get error() {
      return parse(said.stderr);
    },
  };
}
