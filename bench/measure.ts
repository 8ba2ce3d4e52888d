import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** A whole process, from its start to its end. */
export interface Measured {
  readonly seconds: number;
  /** User and system, with the children that it waited for. */
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

/** Runs a command to its end. @throws It failed; the message has the end of what it printed. */
export async function measure(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Measured> {
  const [program = "", ...args] = command;
  const startedMs = performance.now();
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let printed = "";
  child.stderr.on("data", (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-2000)));
  let seen = { cpuSeconds: 0, peakMiB: 0 };
  const looking = setInterval(() => (seen = look(child.pid) ?? seen), 20);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  clearInterval(looking);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${printed}`);
  return { seconds: (performance.now() - startedMs) / 1000, ...seen };
}

const ticksPerSecond = 100;

/** Linux tells both of a living process; elsewhere there are only times. */
function look(pid: number | undefined): { cpuSeconds: number; peakMiB: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    if (peak === null) return null;
    return {
      cpuSeconds:
        stat.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond,
      peakMiB: Number(peak[1]) / 1024,
    };
  } catch {
    return null;
  }
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
