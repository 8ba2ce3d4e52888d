import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Worker } from "node:worker_threads";

const threads = new Set<Worker>();
process.on("worker", (worker) => {
  threads.add(worker);
  worker.once("exit", () => threads.delete(worker));
});

/** Counts what a process can forget to close, by kind. */
export type Census = ReadonlyMap<string, number>;

export function census(): Census {
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const resource of process.getActiveResourcesInfo()) count(resource);
  for (const target of descriptors()) count(`descriptor of ${target.replace(/\d+\]$/, "…]")}`);
  for (let index = 0; index < threads.size; index++) count("thread");
  return counts;
}

/** Returns what there is more of than before, after some time to close it. */
export async function leftOver(before: Census, patienceMs = 10_000): Promise<readonly string[]> {
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    const more = [...census()].filter(([what, count]) => count > (before.get(what) ?? 0));
    if (more.length === 0 || performance.now() > untilMs) return more.map(([what]) => what);
    await wait(5);
  }
}

/**
 * Counts the sockets of this process that lead to a port of this machine: after some time to close them, and before a server
 * closes idle ones, after 5 s.
 */
export async function socketsTo(port: number, patienceMs = 3_000): Promise<number> {
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    const count = openSocketsTo(port);
    if (count === 0 || performance.now() > untilMs) return count;
    await wait(5);
  }
}

function openSocketsTo(port: number): number {
  const ours = new Set(descriptors());
  const rows = readFileSync("/proc/self/net/tcp", "utf8").trim().split("\n").slice(1);
  return rows.filter((row) => {
    const fields = row.trim().split(/\s+/);
    const toPort = parseInt(fields[2]!.split(":")[1]!, 16);
    return toPort === port && ours.has(`socket:[${fields[9]!}]`);
  }).length;
}

/** Returns the target of each descriptor of this process. */
function descriptors(): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((number) => {
    try {
      return [readlinkSync(`/proc/self/fd/${number}`)];
    } catch {
      return []; // that of the listing itself
    }
  });
}
