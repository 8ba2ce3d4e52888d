import { readFileSync } from "node:fs";

/** What a lock says of the process that holds it. */
export interface Holder {
  readonly pid: number;
  /** Tells a process from a later one with its number; "" where the system can't. */
  readonly born: string;
}

/** What a lock needs to know about processes. */
export interface Processes {
  /** This one. */
  self(): Promise<Holder>;
  isAlive(holder: Holder): Promise<boolean>;
}

/** Those of this machine. */
export const systemProcesses: Processes = {
  self: async () => ({ pid: process.pid, born: bornOf(process.pid) }),
  async isAlive({ pid, born }) {
    try {
      process.kill(pid, 0);
    } catch (error) {
      return error instanceof Error && "code" in error && error.code === "EPERM";
    }
    return born === "" || born === bornOf(pid);
  },
};

/** Boot and start time, where the system has /proc. */
function bornOf(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 22; the process's name before it may hold blanks, and ends with the last parenthesis.
    return `${boot} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""}`;
  } catch {
    return "";
  }
}
