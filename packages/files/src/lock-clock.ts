import { setTimeout as wait } from "node:timers/promises";

/** The time that locks go by. Tests turn one of their own. */
export interface LockClock {
  /** In ms, of no particular start. Never goes back. */
  monotonicMs(): number;
  /** Unix time in ms; it may jump, as when the machine slept. */
  wallMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason once it is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's time. */
export const lockClock: LockClock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  wait: async (ms, signal) => {
    try {
      await wait(ms, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted(); // with the signal's own reason
      throw error;
    }
  },
};

/** How often a holder renews its lock, and a watcher looks at it. */
export const renewEveryMs = 5_000;
/** A lock whose counter has not changed for so long may be taken over. */
export const lapsesAfterMs = 90_000;
/** A holder that has not renewed for so long must not work on: well before anybody takes over. */
export const lateAfterMs: number = renewEveryMs + 30_000;
