import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";

/** The cost of a command with all its processes, from its start to its end. */
export interface Measured {
  readonly seconds: number;
  /** User and system time. */
  readonly cpuSeconds: number;
  /** The peak memory of all its processes together; null if the system does not tell (only Linux does). */
  readonly peakMiB: number | null;
  readonly stdout: string;
}

/** The shell waits for the command and prints its CPU time, which Node cannot measure, to a separate stream. */
const timed = '"$@" 3>&-; code=$?; times >&3; exit $code';

/** Runs a command to its end. @throws It failed; the message has the end of its output. */
export async function measure(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Measured> {
  const startedMs = performance.now();
  const child = spawn("/bin/sh", ["-c", timed, "sh", ...command], {
    env,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const [stdout, stderr, times] = [1, 2, 3].map((stream) => gather(child, stream));
  let peakMiB: number | null = null;
  const looking = setInterval(() => {
    peakMiB = most(peakMiB, memoryMiB(child.pid));
  }, lookEveryMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  const seconds = (performance.now() - startedMs) / 1000;
  clearInterval(looking);
  if (code !== 0)
    throw new Error(`${command.join(" ")} ended with ${code}: ${stderr!().slice(0, 2000)}`);
  return { seconds, cpuSeconds: cpuSecondsOf(times!()), peakMiB, stdout: stdout!() };
}

const lookEveryMs = 20;
const mostKeptChars = 64 * 1024;

function gather(child: ChildProcess, stream: number): () => string {
  let text = "";
  child.stdio[stream]?.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-mostKeptChars);
  });
  return () => text;
}

/**
 * Returns the CPU time from the second line of POSIX `times`, that of the shell's children: `0m1.23s 0m0.45s`.
 */
export function cpuSecondsOf(times: string): number {
  const children = times.trim().split("\n").at(-1) ?? "";
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}

const most = (a: number | null, b: number | null): number | null =>
  a === null ? b : Math.max(a, b ?? 0);

/**
 * Adds up the peak memory of the processes. The kernel records each peak, so that reading now and then misses
 * little.
 */
function memoryMiB(shell: number | undefined): number | null {
  try {
    return childrenOf(shell).reduce((sum, pid) => sum + withChildrenMiB(pid), 0);
  } catch {
    return null; // it has just ended, or this is not Linux
  }
}

function withChildrenMiB(pid: number): number {
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  const own = Number(peak?.[1] ?? 0) / 1024;
  return childrenOf(pid).reduce((sum, child) => sum + withChildrenMiB(child), own);
}

function childrenOf(pid: number | undefined): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return children === "" ? [] : children.split(" ").map(Number);
}
