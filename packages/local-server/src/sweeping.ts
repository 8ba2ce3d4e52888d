import type { Failures } from "./http/failures.js";
import type { ImageStore } from "./images/image-store.js";

const SWEEP_MS = 3_600_000;

export interface Sweeping {
  /** Resolves when the first sweep is over, successful or not. */
  readonly first: Promise<void>;
  stop(): void;
}

/** Sweeps at once and then every hour. An image that fails is reported, and left to the next sweep. */
export function startSweeping(store: ImageStore, failed: Failures): Sweeping {
  const sweep = () =>
    store
      .sweep((id, error) => failed.ofSweep(error, id))
      .catch((error: unknown) => failed.ofSweep(error));
  const timer = setInterval(() => void sweep(), SWEEP_MS).unref();
  return { first: sweep(), stop: () => clearInterval(timer) };
}
