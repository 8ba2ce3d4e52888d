import { Breaker, Patience, outageOf, type Setback } from "./patience.js";
import { linkedController } from "../promises/together.js";
import type { RateLimit } from "./rate-limit.js";
import { Meter } from "./meter.js";
import { steadyShare, type Share } from "./share.js";
import type { RunPace } from "./shared-pace.js";
import type { ResolvedOptions } from "../options.js";
import type { Clock, Platform } from "../ports.js";
import type { TransferPhase } from "../progress.js";
import type { SfcCore } from "@img/core/core.js";

/** What all steps of one run of a transfer share. Made once, by the recipe. */
export interface Run {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly options: ResolvedOptions;
  readonly patience: Patience;
  readonly breaker: Breaker;
  readonly rateLimit: RateLimit;
  readonly pace: RunPace;
  /** What the run may use of memory and lanes. */
  readonly share: Share;
  readonly meter: Meter;
  readonly startedMs: number;
  readonly shown: Shown;
  /** Whether the store and the API have answered, or taken bytes, in this run. */
  readonly reached: { store: boolean; api: boolean };
}

/** What progress shows of a run. Everything that belongs to the run shares it. */
interface Shown {
  phase: TransferPhase;
  /** The last failure that was retried. */
  setback: Setback | null;
  meter: Meter;
  /** Bytes that the digest has taken. */
  digestedBytes: () => number;
}

/**
 * Does `work` in a new run, and reports its progress meanwhile. The run has a signal of its own, so that the
 * caller's signal gets one listener, which is removed at the end.
 */
export async function withRun<O extends ResolvedOptions, T>(
  platform: Platform,
  options: O,
  work: (run: Run, options: O) => Promise<T>,
  share: Share,
): Promise<T> {
  const { controller, unlink } = linkedController(options.signal);
  platform.expectManyListeners(controller.signal);
  const own = { ...options, signal: controller.signal };
  const run = startRun(platform, own, share);
  const telling = tellWhile(run, controller);
  try {
    options.tell({ event: "phase", phase: "preparing" });
    return await work(run, own);
  } catch (error) {
    if (telling.failure !== null) throw telling.failure.error;
    tellEnd(run);
    throw error;
  } finally {
    await telling.stop();
    unlink();
  }
}

/** Enters a phase and tells progress at once. A `phase` event is told only if it is another phase. */
export function enterPhase(run: Run, phase: TransferPhase): void {
  const isNext = run.shown.phase !== phase;
  run.shown.phase = phase;
  if (isNext) run.options.tell({ event: "phase", phase });
  tellDemand(run);
  tellProgress(run);
}

/** How long a run has taken so far, as results say it. */
export const elapsedMs = (run: Run): number => Math.round(run.clock.monotonicMs() - run.startedMs);

/** Tells those who share lanes with this run how much it has left to do. */
function tellDemand({ share, shown }: Run): void {
  const { phase, meter } = shown;
  share.changed({
    phase,
    partsLeft: phase === "preparing" || phase === "finishing" ? 0 : meter.partsLeft,
  });
}

/** Waits for a turn to send a request for a part. @returns A function that ends the turn. */
export async function takeTurn(run: Run, signal: AbortSignal): Promise<() => void> {
  const end = await run.share.takeTurn(signal);
  run.patience.begins();
  return () => {
    tellDemand(run);
    end();
  };
}

export function tellProgress({ shown, options, clock }: Run): void {
  const { meter, setback } = shown;
  const progress = meter.tell(shown.phase, shown.digestedBytes());
  const outage = outageOf(setback, meter.movedBytes, clock.monotonicMs());
  const halted = outage === null ? null : { bytesPerSecond: 0, etaMs: null, outage };
  options.tell({ event: "progress", ...progress, ...halted });
}

/** Tells progress once more before a failure is thrown, so that a report says how far the run came. */
function tellEnd(run: Run): void {
  try {
    tellProgress(run);
  } catch {
    // The error that ended the run says more.
  }
}

const tellEveryMs = 200;

interface Telling {
  /** What a callback threw, which ends the run. */
  readonly failure: { readonly error: unknown } | null;
  stop(): Promise<void>;
}

function tellWhile(run: Run, controller: AbortController): Telling {
  const ticking = linkedController(controller.signal);
  let failure: Telling["failure"] = null;
  const tick = async (): Promise<void> => {
    const { signal } = ticking.controller;
    for (;;) {
      await run.clock.wait(tellEveryMs, signal);
      if (signal.aborted) return;
      try {
        tellProgress(run);
      } catch (error) {
        failure = { error };
        controller.abort(error);
        return;
      }
    }
  };
  const ticked = tick().catch(() => undefined); // it ends by being stopped
  return {
    get failure() {
      return failure;
    },
    stop: () => {
      ticking.unlink();
      ticking.controller.abort(new Error("done"));
      return ticked;
    },
  };
}

/** So many failures in a row, over all lanes, mean that the link is down. */
const failuresThatMeanAll = 6;

export function startRun(
  platform: Platform,
  options: ResolvedOptions,
  share: Share = steadyShare(platform, options),
): Run {
  const { clock } = platform;
  const meter = new Meter(clock, (part) => options.tell({ event: "part", ...part }));
  return {
    platform,
    clock,
    options,
    patience: new Patience(clock, options.retryBudgetMs),
    breaker: new Breaker(failuresThatMeanAll),
    rateLimit: share.rateLimit,
    pace: share.pace(),
    share,
    meter,
    startedMs: clock.monotonicMs(),
    reached: { store: false, api: false },
    shown: { phase: "preparing", setback: null, meter, digestedBytes: () => 0 },
  };
}

/**
 * Returns a run for reading back what is stored, within the same run: it has its own meter and pace, and shares
 * the rest.
 */
export function verifyingRun(run: Run): Run {
  const meter = new Meter(run.clock);
  run.shown.meter = meter;
  return { ...run, pace: run.share.pace(), meter };
}

/** What every transfer is given, beside its options. */
export interface TransferTask {
  /** Calls the API; its own retries are not used. */
  readonly client: SfcCore;
  /** The API's own URL: with the name it says which upload this is. */
  readonly server: string;
  /** The machine: its journals, connections and clock. Transfers that cannot be resumed use no journal. */
  readonly platform: Platform;
  /** What the transfer shares with others. @default nothing */
  readonly share?: Share | undefined;
}
