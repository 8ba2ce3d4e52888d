import { ManualClock } from "../../../transfer/src/testing/manual-clock.js";
import { processesOf, type Processes } from "../lock-holder.js";

/** A process of a simulated machine, as a lock sees it. */
export interface FakeProcess {
  readonly processes: Processes;
  readonly clock: ManualClock;
}

/** A simulated machine. The test starts and kills its processes, and cuts its power. */
export class FakeMachine {
  readonly host: string;
  #boot = 1;
  #lastPid = 0;
  readonly #alive = new Set<number>();
  /** The time of all its processes. Killed processes wait for nothing any more. */
  clock: ManualClock = new ManualClock();

  constructor(host = "machine") {
    this.host = host;
  }

  /** Starts a process. @param namespace Processes see only those of their own PID namespace. */
  start(namespace = "pid:[1]"): FakeProcess {
    const pid = ++this.#lastPid;
    const bootId = `boot-${this.#boot}`;
    this.#alive.add(pid);
    const processes = processesOf({
      pid,
      host: this.host,
      exists: (other) => this.#alive.has(other),
      readLink: async () => namespace,
      readText: async (path) => {
        if (path === "/etc/machine-id") return this.host;
        if (path === "/proc/sys/kernel/random/boot_id") return bootId;
        return stat(Number(path.split("/")[2]));
      },
    });
    return { processes, clock: this.clock };
  }

  /** Kills every process; the machine stays up. */
  killAll(): void {
    this.#alive.clear();
    this.clock = new ManualClock();
  }

  loseThePower(): void {
    this.killAll();
    this.#boot++;
  }
}

/** Returns a line of /proc/PID/stat, in which the start time is the pid's. */
const stat = (pid: number): string => `${pid} (a b) c) S ${"0 ".repeat(18)}${pid}00 0`;
