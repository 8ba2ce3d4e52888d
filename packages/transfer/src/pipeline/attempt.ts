import { TransportError } from "../errors.js";
import { answerMs, type Failure } from "../retry.js";
import type { AnswerHead } from "../ports.js";
import type { Run } from "../run.js";
import type { LinkState } from "./breaker.js";
import type { Lane } from "./lanes.js";
import type { Attempt, Outcome } from "./persist.js";
import { storeErrorCode } from "../service/part-url.js";
import { Watch } from "./watch.js";

/** What one request of a lane gives: an outcome, once its answer or its end is known. */
export type RequestOnce<T> = (watch: Watch) => Promise<Outcome<T>>;

/**
 * Makes one request of a lane, watched by the idle rules and behind the breaker, and turns its end
 * into an outcome for the retry rules.
 */
export async function attemptOnce<T>(
  run: Run,
  lane: Lane,
  attempt: Attempt,
  signal: AbortSignal,
  request: RequestOnce<T>,
): Promise<Outcome<T>> {
  const tryOnce = async (): Promise<Outcome<T>> => {
    const rules = { stallMs: run.options.stallMs, answerMs: answerMs(attempt.failures) };
    const watch = new Watch(run.clock, rules, signal);
    lane.meter.state = "moving";
    try {
      const answered = await request(watch);
      run.reached.store = true;
      return answered;
    } catch (error) {
      signal.throwIfAborted();
      if (lane.meter.reachedBytes > 0) run.reached.store = true;
      return failed(failureOf(error, watch, run.reached.store), lane.meter.reachedBytes, error);
    } finally {
      watch.stop();
    }
  };
  lane.meter.state = "held"; // until the breaker lets it through, which is mostly at once
  const outcome = await run.breaker.through(signal, tryOnce, linkAfter);
  if (!outcome.ok) lane.meter.state = "waiting";
  return outcome;
}

/** What a try's end says about the link. A machine that slept has lost its connections, but not its link. */
function linkAfter(outcome: Outcome<unknown>): LinkState {
  if (outcome.ok) return "up";
  const { failure } = outcome;
  if (failure.kind === "connection") return failure.staleSocket ? "nothing" : "down";
  if (failure.kind === "idle") return failure.reason === "slept" ? "nothing" : "down";
  return "up";
}

function failureOf(error: unknown, watch: Watch, reached: boolean): Failure {
  if (watch.ended !== null) return { kind: "idle", reason: watch.ended, reached };
  if (error instanceof TransportError) {
    const { reason, staleSocket } = error;
    return { kind: "connection", reason, staleSocket, reached };
  }
  throw error;
}

function failed(failure: Failure, reachedBytes: number, cause: unknown): Outcome<never> {
  const error =
    failure.kind === "idle" ? new TransportError(idleText[failure.reason], false) : cause;
  return { ok: false, failure, reachedBytes, error: error as TransportError };
}

const idleText = {
  stall: "no byte moved",
  "no-answer": "no answer came",
  slept: "the machine slept",
} as const;

/** The store's refusal, for the retry rules. */
export function storeFailure(answer: AnswerHead & { readonly text: string }): Failure {
  return {
    kind: "store",
    status: answer.status,
    storeCode: storeErrorCode(answer.text),
    retryAfter: answer.headers["retry-after"] ?? null,
  };
}

/** For a person: the status, and the store's own code. */
export function storeText(answer: AnswerHead & { readonly text: string }): string {
  const code = storeErrorCode(answer.text);
  return code === null ? `status ${answer.status}` : `status ${answer.status}, ${code}`;
}
