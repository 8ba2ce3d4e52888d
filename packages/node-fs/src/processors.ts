import { cpus } from "node:os";

/** Processor time that the machine and this process have used, in ms since some moment. */
export interface ProcessorTimes {
  /** Of the whole machine, per processor. In a container with a share of it, they seem idler than they are. */
  readonly busyMs: number;
  readonly ownMs: number;
  readonly nowMs: number;
}

/**
 * Measures how long the processors were the limit of this process, in ms: all were busy, and this process used at least
 * half of one. While others keep them busy and this process waits for a slow link, more lanes still help.
 */
export class ProcessorLimit {
  readonly #times: () => ProcessorTimes;
  #last: ProcessorTimes;
  #limitedMs = 0;

  constructor(times: () => ProcessorTimes = processorTimes) {
    this.#times = times;
    this.#last = times();
  }

  busyMs(): number {
    const now = this.#times();
    const last = this.#last;
    const ownShare = (now.ownMs - last.ownMs) / Math.max(1, now.nowMs - last.nowMs);
    if (ownShare >= leastOwnShare) this.#limitedMs += now.busyMs - last.busyMs;
    this.#last = now;
    return this.#limitedMs;
  }
}

const leastOwnShare = 0.5;

function processorTimes(): ProcessorTimes {
  const all = cpus();
  const idleMs = all.reduce((sum, { times }) => sum + times.idle, 0);
  const totalMs = all.reduce((sum, { times }) => sum + Object.values(times).reduce(plus), 0);
  const { user, system } = process.cpuUsage();
  return {
    busyMs: (totalMs - idleMs) / Math.max(1, all.length),
    ownMs: (user + system) / 1000,
    nowMs: performance.now(),
  };
}

const plus = (a: number, b: number): number => a + b;
