import type { TransferProgress } from "@img/node-fs";
import type { ApiCall } from "../settings/client.js";
import { formatBytes } from "./bytes.js";
import { formatSeconds } from "./durations.js";

/** Shorter pauses are those of any transfer. */
const pauseMs = 5_000;
export const defaultBudgetMs = 600_000;

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ENOTFOUND: "the host is not known",
  EAI_AGAIN: "the DNS does not answer",
  ETIMEDOUT: "no answer",
};

/** Tells an outage from a slow transfer: what answered last, and since when nothing has moved. */
export class Outage {
  readonly #budgetMs: number;
  #failed: string | null = null;
  #last: TransferProgress | null = null;
  #movedMs: number;
  #recoveredMs = -Infinity;

  /** @param budgetMs How long the transfer goes on without progress. */
  constructor(budgetMs: number, nowMs: number) {
    this.#budgetMs = budgetMs;
    this.#movedMs = nowMs;
  }

  call({ outcome }: ApiCall, nowMs: number): void {
    const isAnswer = /^[234]\d\d$/.test(outcome);
    if (isAnswer && this.#failed !== null) this.#recoveredMs = nowMs;
    this.#failed = isAnswer ? null : outcome;
  }

  progress(progress: TransferProgress, nowMs: number): void {
    const last = this.#last;
    this.#last = progress;
    if (last !== null && bytesOf(last) >= bytesOf(progress) && last.phase === progress.phase)
      return;
    if (this.sentences(nowMs) !== null) this.#recoveredMs = nowMs;
    this.#movedMs = nowMs;
    if (last !== null) this.#failed = null;
  }

  /** Whether the rate of the last seconds says nothing yet about those to come. */
  distortsRate = (nowMs: number): boolean =>
    this.sentences(nowMs) !== null || nowMs - this.#recoveredMs < pauseMs;

  /** What to show in the place of rate and time left, the most important first; null while there is no outage. */
  sentences(nowMs: number): readonly string[] | null {
    const stillMs = nowMs - this.#movedMs;
    const mayPause = this.#last?.phase !== "moving" && this.#last?.phase !== "preparing";
    if (this.#failed === null && (stillMs < pauseMs || mayPause)) return null;
    const leftSec = Math.max(0, Math.ceil((this.#budgetMs - stillMs) / 1000));
    const doneBytes = this.#last?.doneBytes ?? 0;
    const what =
      this.#failed === null
        ? `No byte has moved for ${formatSeconds(Math.floor(stillMs / 1000))}.`
        : failureText(this.#failed);
    const until = `Retrying, giving up in ${formatSeconds(leftSec)}.`;
    return [what, until, ...(doneBytes > 0 ? [`${formatBytes(doneBytes)} are safe.`] : [])];
  }
}

const bytesOf = ({ doneBytes, inFlightBytes, digestedBytes, phase }: TransferProgress): number =>
  doneBytes + inFlightBytes + (phase === "moving" ? 0 : digestedBytes);

const failureText = (outcome: string): string =>
  /^5\d\d$/.test(outcome)
    ? `Server not ready (status ${outcome}).`
    : `Server not reachable (${reasons[outcome] ?? outcome}).`;
