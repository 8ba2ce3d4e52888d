import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "@img/transfer";

/**
 * The most time that may pass between two readings of the clock, unless somebody waited. A busy machine reads it late: at
 * 400 times the speed a tenth of a second would be 40 s.
 */
const mostUnseenMs = 20_000;

/**
 * A clock that runs many times as fast as the machine's, so that a rule of 30 s takes less than a second.
 * A test file puts it in the place of `clock.ts`:
 *
 * ```ts
 * vi.mock(import("./clock.js"), async () => ({
 *   systemClock: (await import("./testing/fast-clock.js")).fastClock,
 * }));
 * ```
 */
class FastClock implements Clock {
  #speed = 1;
  #fromRealMs = performance.now();
  #atMs = performance.now();
  /** Two readings in one turn give the same time, as with the machine's clock: the thread may be interrupted between them. */
  #isHeld = false;
  /** How far the wall clock has jumped. */
  jumpedMs = 0;

  /** Runs at the machine's speed again. */
  reset(): void {
    this.#atMs = this.#fromRealMs = performance.now();
    this.#speed = 1;
    this.jumpedMs = 0;
  }

  run(speed: number): void {
    this.monotonicMs();
    this.#speed = speed;
  }

  monotonicMs(): number {
    if (this.#isHeld) return this.#atMs;
    this.#isHeld = true;
    queueMicrotask(() => (this.#isHeld = false));
    const realMs = performance.now();
    this.#atMs += Math.min((realMs - this.#fromRealMs) * this.#speed, mostUnseenMs);
    this.#fromRealMs = realMs;
    return this.#atMs;
  }

  wallMs(): number {
    return performance.timeOrigin + this.monotonicMs() + this.jumpedMs;
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    const untilMs = this.monotonicMs() + ms;
    try {
      await wait(ms / this.#speed, undefined, { signal });
      this.#atMs = Math.max(this.monotonicMs(), untilMs);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
}

export const fastClock: FastClock = new FastClock();
