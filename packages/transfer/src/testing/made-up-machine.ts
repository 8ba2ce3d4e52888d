/** A machine, as far as the number of lanes and of their threads can be felt on it. */
export interface Machine {
  readonly threads: number;
  /** What one thread moves at most, whatever the link has. */
  readonly threadBytesPerSecond: number;
  /** What the digest takes; lanes wait for it once all buffers are full. */
  readonly digestBytesPerSecond: number;
}

/** A machine on which nothing but the link is felt. */
export const unlimited: Machine = {
  threads: 1,
  threadBytesPerSecond: Infinity,
  digestBytesPerSecond: Infinity,
};

/** Which lanes are in which thread, and for how long each thread was at work. */
export class Threads {
  readonly #machine: Machine;
  readonly #lanes: number[];
  readonly #busyMs: number[];

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#lanes = Array.from({ length: machine.threads }, () => 0);
    this.#busyMs = Array.from({ length: machine.threads }, () => 0);
  }

  /** On average; of a machine without limits nothing is told. */
  busyMs(): readonly number[] {
    if (this.#machine.threadBytesPerSecond === Infinity) return [];
    return [this.#busyMs.reduce((sum, ms) => sum + ms, 0) / this.#machine.threads];
  }

  /** The thread with the fewest lanes, as adapters place them. */
  take(): number {
    const thread = this.#lanes.indexOf(Math.min(...this.#lanes));
    this.#lanes[thread]!++;
    return thread;
  }

  giveBack(thread: number): void {
    this.#lanes[thread]!--;
  }

  /** @returns By how much each of the lanes that send is slowed down by its thread and by the digest, 0 to 1. */
  shares(sending: readonly { readonly thread: number; readonly rate: number }[]): number[] {
    const { threadBytesPerSecond, digestBytesPerSecond } = this.#machine;
    const wanted = this.#lanes.map((_, thread) =>
      sending.reduce((sum, lane) => sum + (lane.thread === thread ? lane.rate : 0), 0),
    );
    const byThread = wanted.map((rate) => Math.min(1, threadBytesPerSecond / Math.max(1, rate)));
    const moved = wanted.reduce((sum, rate, thread) => sum + rate * byThread[thread]!, 0);
    const byDigest = Math.min(1, digestBytesPerSecond / Math.max(1, moved));
    return sending.map(({ thread }) => byThread[thread]! * byDigest);
  }

  moved(thread: number, bytes: number): void {
    this.#busyMs[thread]! += (bytes / this.#machine.threadBytesPerSecond) * 1000;
  }
}
