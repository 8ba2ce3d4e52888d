import type { Processes } from "../journals/lock-holder.js";
import { processesOf } from "../journals/lock-holder.js";

/** A machine whose processes live, die and lose their power as the test says. */
export class FakeMachine {
  readonly host: string;
  #boot = 1;
  #lastPid = 0;
  readonly #alive = new Set<number>();

  constructor(host = "machine") {
    this.host = host;
  }

  start(): Processes {
    const pid = ++this.#lastPid;
    const bootId = `boot-${this.#boot}`;
    this.#alive.add(pid);
    return processesOf({
      pid,
      host: this.host,
      exists: (other) => this.#alive.has(other),
      readLink: async () => "pid:[1]",
      readText: async (path) => {
        if (path === "/etc/machine-id") return this.host;
        if (path === "/proc/sys/kernel/random/boot_id") return bootId;
        return stat(Number(path.split("/")[2]));
      },
    });
  }

  /** Every process ends; the machine stays up. */
  killAll(): void {
    this.#alive.clear();
  }

  loseThePower(): void {
    this.killAll();
    this.#boot++;
  }
}

/** In which a process starts when its pid says. */
const stat = (pid: number): string => `${pid} (a b) c) S ${"0 ".repeat(18)}${pid}00 0`;
