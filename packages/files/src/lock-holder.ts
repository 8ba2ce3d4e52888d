import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { hasCode } from "./file-system.js";

/** The holder of a lock, for people. */
export interface LockHolder {
  /** Its process id. */
  readonly pid: number;
  /** The name of the machine or container. */
  readonly host: string;
  /** When it took the lock, in Unix seconds. */
  readonly sinceSec: number;
}

/** What a lock says about its holder: everything that is needed to prove that the process is dead. */
export interface Holder extends LockHolder {
  /** Identifies one taking of the lock; never used again. */
  readonly token: string;
  /**
   * The start time in clock ticks since boot. Together with the pid, it identifies one process while the
   * machine is up.
   */
  readonly startTime: string | null;
  readonly bootId: string | null;
  readonly machineId: string | null;
  readonly pidNamespace: string | null;
}

export type Self = Omit<Holder, "token">;
export type Fate = "alive" | "dead" | "unknown";

/** What a lock needs to know about processes. */
export interface Processes {
  /** Describes this process, at the time of the call. */
  self(): Promise<Self>;
  /**
   * Tells whether a holder lives. `dead` only with proof; `unknown` if it cannot be seen from here, for example
   * on another machine.
   */
  fateOf(holder: Holder): Promise<Fate>;
}

/** The information of the kernel, which tests replace. `null` if this platform does not have it. */
export interface Kernel {
  readonly pid: number;
  readonly host: string;
  readText(path: string): Promise<string | null>;
  readLink(path: string): Promise<string | null>;
  /** Whether any user has a process with this number. */
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
    // The same machine after a restart. Hosts with the same name are distinguished by their machine ids.
    return sameHost && holder.machineId !== null ? "dead" : "unknown";
  }
  const sameNamespace = holder.pidNamespace !== null && holder.pidNamespace === self.pidNamespace;
  return sameNamespace ? fateHere(kernel, holder) : "unknown";
}

async function fateHere(kernel: Kernel, holder: Holder): Promise<Fate> {
  if (!kernel.exists(holder.pid)) return "dead";
  const now = await lookAt(kernel, holder.pid);
  // `/proc` may hide other users' processes, and other platforms have no `/proc`.
  if (now === null || holder.startTime === null) return "unknown";
  return now.startTime === holder.startTime && !now.ended ? "alive" : "dead";
}

/** Reads `/proc/PID/stat`, see proc(5). The name in parentheses may contain anything. */
async function lookAt(
  kernel: Kernel,
  pid: number,
): Promise<{ startTime: string; ended: boolean } | null> {
  const stat = await kernel.readText(`/proc/${pid}/stat`);
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  const startTime = fields[18];
  // A zombie has no open files; in a container it may never be waited for.
  return startTime === undefined ? null : { startTime, ended: state === "Z" || state === "X" };
}

/** The processes of this machine, as far as this process can see them. */
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
