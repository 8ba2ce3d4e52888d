import { ManualClock } from "../../../transfer/src/testing/manual-clock.js";
import { processesOf, type Processes } from "../lock-holder.js";

/** A process of a made-up machine, as a lock sees it. */
export interface FakeProcess {
  readonly processes: Processes;
  readonly clock: ManualClock;
}

/** A machine whose processes live, die and lose their power as the test says. */
export class FakeMachine {
  readonly host: string;
  #boot = 1;
  #lastPid = 0;
  readonly #alive = new Set<number>();
  /** The time of all its processes. Those that were killed wait for nothing any more. */
  clock: ManualClock = new ManualClock();

  constructor(host = "machine") {
    this.host = host;
  }

  /** @param namespace Processes see those of their own PID namespace only. */
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

  /** Every process ends; the machine stays up. */
  killAll(): void {
    this.#alive.clear();
    this.clock = new ManualClock();
  }

  loseThePower(): void {
    this.killAll();
    this.#boot++;
  }
}

/** In which a process starts when its pid says. */
const stat = (pid: number): string => `${pid} (a b) c) S ${"0 ".repeat(18)}${pid}00 0`;
