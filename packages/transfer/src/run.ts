import { Breaker } from "./pipeline/breaker.js";
import { Patience } from "./pipeline/patience.js";
import { linkedController } from "./pipeline/together.js";
import { RateLimit } from "./pipeline/rate-limit.js";
import { Meter } from "./pipeline/meter.js";
import { LanePace } from "./pipeline/lane-pace.js";
import type { ResolvedOptions } from "./options.js";
import type { Clock, Platform } from "./ports.js";
import type { TransferPhase } from "./progress.js";

/** What all the rooms of one run of a transfer share; made once, by the recipe. */
export interface Run {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly options: ResolvedOptions;
  readonly patience: Patience;
  readonly breaker: Breaker;
  readonly rateLimit: RateLimit;
  readonly pace: LanePace;
  readonly meter: Meter;
  readonly startedMs: number;
  phase: TransferPhase;
}

/**
 * Does `work` with options whose signal is of this run alone: the caller's gets one listener, which is
 * gone at the end.
 */
export async function withOwnSignal<O extends { readonly signal: AbortSignal }, T>(
  platform: Platform,
  options: O,
  work: (options: O) => Promise<T>,
): Promise<T> {
  const { controller, unlink } = linkedController(options.signal);
  platform.expectManyListeners(controller.signal);
  try {
    return await work({ ...options, signal: controller.signal });
  } finally {
    unlink();
  }
}

/** How many failures in a row, over all lanes, mean that it is not the lane. */
const failuresThatMeanAll = 6;

export function startRun(platform: Platform, options: ResolvedOptions): Run {
  const { clock } = platform;
  return {
    platform,
    clock,
    options,
    patience: new Patience(clock, options.retryBudgetMs),
    breaker: new Breaker(failuresThatMeanAll),
    rateLimit: new RateLimit(clock, options.bytesPerSecond),
    pace: new LanePace(clock, options.startLanes, options.maxLanes),
    meter: new Meter(clock, options.onPart),
    startedMs: clock.monotonicMs(),
    phase: "preparing",
  };
}

/** What belongs to the same run, and reads back what is stored: counted and paced for itself. */
export function verifyingRun(run: Run): Run {
  const { clock, options } = run;
  run.phase = "verifying";
  return {
    ...run,
    pace: new LanePace(clock, options.startLanes, options.maxLanes),
    meter: new Meter(clock),
  };
}
