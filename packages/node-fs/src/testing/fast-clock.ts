import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "@img/transfer";

/**
 * A clock that runs some times as fast as the machine's, so that a rule of 30 s shows within a second.
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
  /** How far the wall clock has jumped. */
  jumpedMs = 0;

  /** The machine's own time again. */
  reset(): void {
    this.#atMs = this.#fromRealMs = performance.now();
    this.#speed = 1;
    this.jumpedMs = 0;
  }

  run(speed: number): void {
    this.#atMs = this.monotonicMs();
    this.#fromRealMs = performance.now();
    this.#speed = speed;
  }

  monotonicMs(): number {
    return this.#atMs + (performance.now() - this.#fromRealMs) * this.#speed;
  }

  wallMs(): number {
    return performance.timeOrigin + performance.now() + this.jumpedMs + this.#aheadMs();
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await wait(ms / this.#speed, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }

  #aheadMs(): number {
    return this.monotonicMs() - performance.now();
  }
}

export const fastClock: FastClock = new FastClock();
