import { setTimeout as wait } from "node:timers/promises";

/** The time that locks use. Tests move their own. */
export interface LockClock {
  /** A time in ms with an arbitrary start. It never goes back. */
  monotonicMs(): number;
  /** Unix time in ms; it may jump, for example when the machine slept. */
  wallMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason once it is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The clock of this machine. */
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

/** How often a holder renews its lock, and a watcher reads it. */
export const renewEveryMs = 5_000;
/** A lock whose counter has not changed for this long may be taken over. */
export const lapsesAfterMs = 90_000;
/**
 * A holder that has not renewed its lock for this long must stop, well before another process may take over.
 */
export const lateAfterMs: number = renewEveryMs + 30_000;
