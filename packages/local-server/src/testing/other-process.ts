import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { Client } from "./real-server.js";

const built = new URL("../../dist/index.js", import.meta.url).href;

/**
 * A tiny program that uses the built package: it serves a folder, prints its URL, and prints its peak memory
 * when asked.
 */
const program = `
  import { setTimeout as wait } from "node:timers/promises";
  import { startServer } from "${built}";
  const [, dir, speed] = process.argv;
  const lockClock = {
    monotonicMs: () => performance.now() * speed,
    wallMs: () => Date.now(),
    wait: (ms, signal) => wait(ms / speed, undefined, { signal }),
  };
  const end = (error) => { console.log("ended: " + error.code); process.exit(1); };
  const server = await startServer({ dir, port: 0, token: "the-token", lockClock }).catch(end);
  console.log(server.url);
  process.stdin.on("data", () => console.log(process.resourceUsage().maxRSS / 1024));
  process.on("SIGTERM", () => server.close().then(() => process.exit(0)));
  server.lapsed.then(end);
`;

export interface OtherProcess {
  readonly client: Client;
  /** Sends a signal, and resolves to how the process ended: the signal's name, or the exit code. */
  end(signal: NodeJS.Signals): Promise<NodeJS.Signals | number | null>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves to the next line that it prints. */
  line(): Promise<string>;
  peakMiB(): Promise<number>;
}

/** How a process serves. */
export interface Elsewhere {
  /** Whether it runs in its own PID namespace, as in a container. */
  readonly inContainer?: boolean;
  /** The speed of its lock's clock, as a multiple of the machine's. */
  readonly lockSpeed?: number;
}

const unshare = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];

/** Serves `dir` in another process, which can be killed. Rejects with the error's code. */
export function serveElsewhere(
  dir: string,
  { inContainer = false, lockSpeed = 1 }: Elsewhere = {},
): Promise<OtherProcess> {
  const node = [process.execPath, "--input-type=module", "--eval", program, dir, `${lockSpeed}`];
  return started(inContainer ? [...unshare, ...node] : node, inContainer, (line) => {
    if (line.startsWith("ended")) throw new Error(line);
    return line;
  });
}

/** Serves `dir` with the command, as the first process of a container. */
export function serveCommand(dir: string): Promise<OtherProcess> {
  const img = fileURLToPath(new URL("../../../cli/dist/main.js", import.meta.url));
  const serve = [process.execPath, img, "serve", "--dir", dir, "--port", "0", "--json"];
  return started([...unshare, ...serve], true, (line) => {
    const { url } = JSON.parse(line.split("\n")[0] ?? "") as { readonly url: string };
    return url;
  });
}

/** Starts a process. @param urlIn Finds the URL in its first output. */
async function started(
  [command = "", ...args]: readonly string[],
  inContainer: boolean,
  urlIn: (line: string) => string,
): Promise<OtherProcess> {
  const env = { ...process.env, SFC_BEARER_AUTH: "the-token" };
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env });
  const signal = (name: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    process.kill(inContainer ? onlyChildOf(child.pid!) : child.pid!, name);
  };
  onTestFinished(() => void child.kill("SIGKILL"));
  const line = () => nextLine(child);
  const url = urlIn(await line());
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) =>
    child.once("exit", (code, ending) => resolve(ending ?? code)),
  );
  return {
    client: new Client(url, "the-token"),
    signal,
    line,
    end: (name) => {
      signal(name);
      return ended;
    },
    peakMiB: () => {
      const answer = line();
      child.stdin.write("?");
      return answer.then(Number);
    },
  };
}

const nextLine = (child: ChildProcessByStdio<Writable, Readable, null>): Promise<string> =>
  new Promise((resolve, reject) => {
    child.stdout.once("data", (text: Buffer) => resolve(text.toString().trim()));
    child.once("exit", (code) => reject(new Error(`The server ended with ${code ?? "a signal"}`)));
  });

/** Returns the process that `unshare` waits for. `unshare` passes no signals on. */
const onlyChildOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
