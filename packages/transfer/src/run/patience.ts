import { NoProgressError, TransferError } from "../errors.js";
import type { TransferPhase, Outage } from "../progress.js";
import type { Clock } from "../ports.js";
import type { Failure } from "../retry.js";
import { Waiters } from "../promises/waiters.js";

/**
 * How long a transfer continues without progress. Only progress restarts the time: a new
 * receipt, or more of a part than any try before.
 */
export class Patience {
  readonly #clock: Clock;
  readonly #budgetMs: number;
  #sinceMs: number;
  /** Whether something has failed since the last progress. */
  #hasFailed = false;

  constructor(clock: Clock, budgetMs: number) {
    this.#clock = clock;
    this.#budgetMs = budgetMs;
    this.#sinceMs = clock.monotonicMs();
  }

  progressed(): void {
    this.#hasFailed = false;
    this.#sinceMs = this.#clock.monotonicMs();
  }

  /** Tells that a try begins. The wait for its turn among other transfers is no lack of progress. */
  begins(): void {
    if (!this.#hasFailed) this.#sinceMs = this.#clock.monotonicMs();
  }

  /** When patience ends if nothing makes progress, by the monotonic clock. */
  get endsAtMs(): number {
    return this.#sinceMs + this.#budgetMs;
  }

  /**
   * Returns how long the next wait may be: `waitMs`, or what is left of the budget if that is less.
   *
   * @throws {NoProgressError} Nothing is left.
   */
  allow(waitMs: number, phase: TransferPhase, last: Error): number {
    this.#hasFailed = true;
    const leftMs = this.#budgetMs - (this.#clock.monotonicMs() - this.#sinceMs);
    if (leftMs <= 0) {
      const ended = last instanceof TransferError ? last.what : last.message;
      throw new NoProgressError(phase, this.#budgetMs, ended, { cause: last });
    }
    return Math.min(waitMs, leftMs);
  }
}

/** The last failure after which a request waits for its next try. */
export interface Setback {
  readonly reason: string;
  readonly isReachable: boolean;
  readonly failedTries: number;
  readonly retryAtMs: number;
  readonly giveUpAtMs: number;
  /** Bytes that had moved at that time. The setback is over when more have. */
  readonly movedBytes: number;
}

/** Whether a failure is an answer of the other side, such as a refusal. */
export const isAnswer = ({ kind }: Failure): boolean => kind !== "connection" && kind !== "idle";

/** Returns what progress reports of a setback; null once something has moved. Pure. */
export function outageOf(
  setback: Setback | null,
  movedBytes: number,
  nowMs: number,
): Outage | null {
  if (setback === null || movedBytes > setback.movedBytes) return null;
  const { reason, isReachable, failedTries, retryAtMs, giveUpAtMs } = setback;
  return {
    reason,
    isReachable,
    failedTries,
    retryInMs: Math.max(0, retryAtMs - nowMs),
    giveUpInMs: Math.max(0, giveUpAtMs - nowMs),
  };
}

/** What the end of a try says about the link; "nothing" if the engine ended it. */
export type LinkState = "up" | "down" | "nothing";

/**
 * Stops all lanes at once when everything fails: after `most` failures without a success between
 * them, one try at a time continues as a probe, and the first success lets all of them through again.
 */
export class Breaker {
  readonly #most: number;
  readonly #waiters = new Waiters();
  #failures = 0;
  #probing = false;

  constructor(most: number) {
    this.#most = most;
  }

  get open(): boolean {
    return this.#failures >= this.#most;
  }

  /**
   * Waits until a try may begin: while the breaker is open, one try at a time is the probe.
   *
   * @returns A function to call once, when the try has ended, with what its end says about the link.
   */
  async enter(signal: AbortSignal): Promise<(link: LinkState) => void> {
    while (this.open && this.#probing) await this.#waiters.wait(signal);
    const isProbe = this.open;
    if (isProbe) this.#probing = true;
    return (link) => {
      if (link === "up") this.#failures = 0;
      if (link === "down") this.#failures++;
      if (isProbe) this.#probing = false; // a try that began before the breaker opened does not count
      this.#waiters.wake();
    };
  }
}
