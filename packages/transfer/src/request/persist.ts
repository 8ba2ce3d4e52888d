import { TransferError } from "../errors.js";
import { judge, noTries, type Failure, type Tries } from "../retry.js";
import type { ResolvedOptions } from "../options.js";
import type { Clock } from "../ports.js";
import type { TransferPhase } from "../progress.js";
import { type Patience, isAnswer, outageOf, type Setback } from "../run/patience.js";

/** How one try ended. */
export type Outcome<T> =
  | {
      /** It succeeded: nothing is tried again. */
      readonly ok: true;
      /** The result. */
      readonly value: T;
    }
  | {
      /** It failed: it may be tried again. */
      readonly ok: false;
      /** What the retry rules go by. */
      readonly failure: Failure;
      /** How far this try got in its part; 0 for calls. */
      readonly reachedBytes: number;
      /** The error to throw if this is given up. It has no URL and no token. */
      readonly error: Error;
    };

/** What the next try needs to know. */
export interface Attempt {
  readonly failures: number;
  /** What the retry rules want done before this try. */
  readonly first: "nothing" | "mint" | "reread";
}

/** What retrying needs of a run, or of whatever else retries. */
export interface Retrying {
  readonly clock: Clock;
  readonly patience: Patience;
  readonly options: Pick<ResolvedOptions, "tell">;
  readonly pace: { slowDown(lanes: number): void };
  readonly meter: { readonly lanes: { readonly size: number } };
  readonly shown: {
    readonly phase: TransferPhase;
    setback: Setback | null;
    readonly meter: { readonly movedBytes: number };
  };
}

/**
 * Calls `tryOnce` until it succeeds, the retry rules give up, or patience ends. All retrying is done here:
 * nothing that `tryOnce` calls retries by itself, except through this function.
 *
 * @param part Told with each retry: the number of the part that is moved; null if it is for none.
 */
export async function persist<T>(
  run: Retrying,
  signal: AbortSignal,
  tryOnce: (attempt: Attempt) => Promise<Outcome<T>>,
  part: number | null = null,
): Promise<T> {
  let tries: Tries = noTries;
  let furthestBytes = 0;
  let first: Attempt["first"] = "nothing";
  for (;;) {
    signal.throwIfAborted();
    const outcome = await tryOnce({ failures: tries.failures, first });
    if (outcome.ok) return outcome.value;
    signal.throwIfAborted();
    if (outcome.reachedBytes > furthestBytes) {
      furthestBytes = outcome.reachedBytes;
      tries = { ...tries, failures: 0, refusedUrls: 0 };
      run.patience.progressed();
    }
    const verdict = judge(outcome.failure, tries, Math.random(), run.clock.wallMs());
    if (verdict.do === "give-up") throw outcome.error;
    if (verdict.slowDown) run.pace.slowDown(run.meter.lanes.size);
    tries = verdict.tries;
    const setback = setbackOf(run, verdict.waitMs, outcome, tries.failures);
    if (!isReplaced(outcome.failure)) tellRetry(run, setback, part);
    await waitFor(run, setback, signal);
    first = verdict.do === "again" ? "nothing" : verdict.do;
  }
}

/** A failure that is retried, within what patience is left. @throws {NoProgressError} None is left. */
function setbackOf(
  { clock, patience, shown }: Retrying,
  waitMs: number,
  { error, failure }: Outcome<unknown> & { ok: false },
  failedTries: number,
): Setback {
  const allowedMs = patience.allow(waitMs, shown.phase, error);
  return {
    reason: error instanceof TransferError ? error.what : error.message,
    isReachable: isAnswer(failure),
    failedTries,
    retryAtMs: clock.monotonicMs() + allowedMs,
    giveUpAtMs: patience.endsAtMs,
    movedBytes: shown.meter.movedBytes,
  };
}

/** Whether the engine ended the try itself, which is no failure. */
const isReplaced = (failure: Failure): boolean =>
  failure.kind === "idle" && failure.reason === "replaced";

function tellRetry({ clock, options }: Retrying, setback: Setback, part: number | null): void {
  const outage = outageOf(setback, setback.movedBytes, clock.monotonicMs());
  if (outage !== null) options.tell({ event: "retry", part, ...outage });
}

async function waitFor(
  { clock, shown }: Retrying,
  setback: Setback,
  signal: AbortSignal,
): Promise<void> {
  const waitMs = setback.retryAtMs - clock.monotonicMs();
  if (waitMs <= 0) return;
  shown.setback = setback;
  await clock.wait(waitMs, signal);
}
