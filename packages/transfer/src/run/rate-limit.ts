import type { Clock } from "../ports.js";

/** How much a lane may send at once under a limit, as a share of what the limit allows in a second. */
const sliceShareOfSecond = 0.1;

/**
 * A token bucket that all lanes share. It holds a tenth of a second's worth, so that the rate is kept
 * from the first second on, and asks for the rate each time, since it may change.
 */
export class RateLimit {
  readonly #clock: Clock;
  readonly #bytesPerSecond: () => number;
  /** When the rate will allow more bytes than were granted so far. */
  #paidUntilMs = 0;

  constructor(clock: Clock, bytesPerSecond: () => number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Grants up to `wantedBytes`, at least 1; waits for its turn. Without a limit it grants all at once. */
  take(wantedBytes: number, signal: AbortSignal): number | Promise<number> {
    const rate = this.#bytesPerSecond();
    if (rate === Infinity) return wantedBytes;
    const granted = Math.min(wantedBytes, Math.max(1024, Math.floor(rate * sliceShareOfSecond)));
    const nowMs = this.#clock.monotonicMs();
    const startMs = Math.max(nowMs - burstMs, this.#paidUntilMs);
    this.#paidUntilMs = startMs + (granted / rate) * 1000;
    const waitMs = startMs - nowMs;
    return waitMs <= 0 ? granted : this.#clock.wait(waitMs, signal).then(() => granted);
  }
}

/** A timer that fires late must not cost throughput. */
const burstMs = 20;
