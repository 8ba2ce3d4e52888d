import type { ImageStore } from "./image-store.js";
import type { Metrics } from "./metrics.js";

const SWEEP_MS = 3_600_000;

export interface Sweeping {
  /** The first one is over, whether or not it has failed. */
  readonly first: Promise<void>;
  stop(): void;
}

/** Sweeps at once and then every hour. What fails is logged, counted, and left to the next one. */
export function startSweeping(
  store: ImageStore,
  metrics: Metrics,
  log: ((line: string) => void) | undefined,
): Sweeping {
  const sweep = async () => {
    try {
      await store.sweep();
    } catch (error) {
      metrics.sweepFailed();
      log?.(JSON.stringify({ time: new Date().toISOString(), sweepFailed: String(error) }));
    }
  };
  const timer = setInterval(() => void sweep(), SWEEP_MS).unref();
  return { first: sweep(), stop: () => clearInterval(timer) };
}
