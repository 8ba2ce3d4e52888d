import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "@img/transfer";

/** The machine's time. A waiting timer keeps the process alive. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  wait: async (ms, signal) => {
    try {
      await wait(ms, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted(); // with the signal's own reason
      throw error;
    }
  },
};
