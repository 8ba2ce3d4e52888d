import type { Clock } from "../ports.js";

/** Measured: from 256 KiB to 2 MiB all are alike, and 64 KiB cost a third of the speed. */
const mostBytes = 1024 * 1024;
const leastBytes = 16 * 1024;
/** A slice that takes longer than this is too large to show that bytes move. */
const slowMs = 1_000;
const fastMs = 100;

/** How large the next slice of a part is: large where the link is fast, small where it is slow. */
export class SliceSize {
  readonly #clock: Clock;
  #lastMs: number;
  #bytes = mostBytes;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastMs = clock.monotonicMs();
  }

  get bytes(): number {
    return this.#bytes;
  }

  moved(bytes: number): void {
    if (bytes === 0) return;
    const nowMs = this.#clock.monotonicMs();
    const tookMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (tookMs > slowMs) this.#bytes = Math.max(leastBytes, this.#bytes / 2);
    else if (tookMs < fastMs) this.#bytes = Math.min(mostBytes, this.#bytes * 2);
  }
}
