import type { Clock } from "../ports.js";

/** Measured: slices of 256 KiB to 2 MiB are equally fast, and slices of 64 KiB cost a third of the speed. */
const mostBytes = 1024 * 1024;
const leastBytes = 16 * 1024;
/** Small, so that progress over a slow link shows early. */
const firstBytes = 256 * 1024;
/** A slice that takes longer than this is too large to show that bytes move. */
const slowMs = 1_000;
const fastMs = 100;

/** Chooses the size of a lane's next slice: large if its link is fast, small if it is slow. */
export class SliceSize {
  readonly #clock: Clock;
  #lastMs: number;
  #bytes = firstBytes;
  /** Whether a slice was given out and has not moved yet. */
  #isMoving = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastMs = clock.monotonicMs();
  }

  /** Starts a request. If the one before ended within a slice, that slice was too large. */
  begin(): void {
    if (this.#isMoving) this.#shrink();
    this.#isMoving = false;
    this.#lastMs = this.#clock.monotonicMs();
  }

  /** Returns the size of the next slice, and starts to time it. */
  take(): number {
    this.#isMoving = true;
    return this.#bytes;
  }

  moved(bytes: number): void {
    if (bytes === 0) return;
    const nowMs = this.#clock.monotonicMs();
    const tookMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    this.#isMoving = false;
    if (tookMs > slowMs) this.#shrink();
    else if (tookMs < fastMs) this.#bytes = Math.min(mostBytes, this.#bytes * 2);
  }

  #shrink(): void {
    this.#bytes = Math.max(leastBytes, this.#bytes / 2);
  }
}
