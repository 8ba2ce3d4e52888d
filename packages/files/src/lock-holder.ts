import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { hasCode } from "./file-system.js";

/** Who holds a lock, for a person. */
export interface LockHolder {
  /** Its process id. */
  readonly pid: number;
  /** The machine's, or container's, name. */
  readonly host: string;
  /** When it took the lock, in Unix seconds. */
  readonly sinceSec: number;
}

/** What a lock says of the process that holds it: all that is needed to prove that process dead. */
export interface Holder extends LockHolder {
  /** Of one taking of the lock, never seen again. */
  readonly token: string;
  /** In clock ticks since boot; with the pid, it names one process for as long as the machine is up. */
  readonly startTime: string | null;
  readonly bootId: string | null;
  readonly machineId: string | null;
  readonly pidNamespace: string | null;
}

export type Self = Omit<Holder, "token">;
export type Fate = "alive" | "dead" | "unknown";

/** What a lock needs to know about processes. */
export interface Processes {
  /** This process, as of now. */
  self(): Promise<Self>;
  /** `dead` only with proof. `unknown` is for what cannot be seen from here, another machine's say. */
  fateOf(holder: Holder): Promise<Fate>;
}

/** The kernel's word, for tests to replace. `null` where this platform has none. */
export interface Kernel {
  readonly pid: number;
  readonly host: string;
  readText(path: string): Promise<string | null>;
  readLink(path: string): Promise<string | null>;
  /** Whether a process of this number exists, of any user. */
  exists(pid: number): boolean;
}

export function processesOf(kernel: Kernel): Processes {
  const self = () => describeSelf(kernel);
  return { self, fateOf: async (holder) => fateOf(kernel, await self(), holder) };
}

async function describeSelf(kernel: Kernel): Promise<Self> {
  return {
    pid: kernel.pid,
    host: kernel.host,
    sinceSec: Math.floor(Date.now() / 1000),
    startTime: (await lookAt(kernel, kernel.pid))?.startTime ?? null,
    bootId: await kernel.readText("/proc/sys/kernel/random/boot_id"),
    machineId: (await kernel.readText("/etc/machine-id")) || null, // an image of a container has it empty
    pidNamespace: await kernel.readLink("/proc/self/ns/pid"),
  };
}

async function fateOf(kernel: Kernel, self: Self, holder: Holder): Promise<Fate> {
  const sameHost = holder.host === self.host && holder.machineId === self.machineId;
  if (holder.bootId === null || self.bootId === null) {
    return sameHost && holder.bootId === self.bootId ? fateHere(kernel, holder) : "unknown";
  }
  if (holder.bootId !== self.bootId) {
    // The same machine after a restart; hosts that share a name are told apart by their machine id.
    return sameHost && holder.machineId !== null ? "dead" : "unknown";
  }
  const sameNamespace = holder.pidNamespace !== null && holder.pidNamespace === self.pidNamespace;
  return sameNamespace ? fateHere(kernel, holder) : "unknown";
}

async function fateHere(kernel: Kernel, holder: Holder): Promise<Fate> {
  if (!kernel.exists(holder.pid)) return "dead";
  const now = await lookAt(kernel, holder.pid);
  // `/proc` may hide others' processes, and other platforms have none.
  if (now === null || holder.startTime === null) return "unknown";
  return now.startTime === holder.startTime && !now.ended ? "alive" : "dead";
}

/** From `/proc/PID/stat`, see proc(5). The name in parentheses may hold anything. */
async function lookAt(
  kernel: Kernel,
  pid: number,
): Promise<{ startTime: string; ended: boolean } | null> {
  const stat = await kernel.readText(`/proc/${pid}/stat`);
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  const startTime = fields[18];
  // A zombie holds no file any more; in a container nobody may ever wait for it.
  return startTime === undefined ? null : { startTime, ended: state === "Z" || state === "X" };
}

/** The processes of this machine, as far as this one can see them. */
export const realProcesses: Processes = processesOf({
  pid: process.pid,
  host: hostname(),
  readText: (path) => orNull(readFile(path, "utf8")),
  readLink: (path) => orNull(readlink(path)),
  exists,
});

async function orNull(text: Promise<string>): Promise<string | null> {
  try {
    return (await text).trim();
  } catch {
    return null;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, "ESRCH"); // EPERM: somebody else's
  }
}
