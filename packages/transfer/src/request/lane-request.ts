import { TransportError } from "../errors.js";
import { answerMs, type Failure } from "../retry.js";
import { takeTurn, type Run } from "../run/run.js";
import type { LinkState } from "../run/patience.js";
import type { Lane } from "../run/lanes.js";
import { persist, type Attempt, type Outcome } from "./persist.js";
import { Watch } from "./watch.js";
import type { AnswerHead } from "../ports.js";

/** The request for one part over one lane, from its first try to its success. */
export interface LaneRequest<T> {
  readonly run: Run;
  readonly lane: Lane;
  readonly signal: AbortSignal;
  /** The number of its part; null if it is for all of them. */
  readonly part: number | null;
  readonly direction: "up" | "down";
  /** How much of the part has moved: what the retry rules count as progress. `prepare` and `send` set it. */
  reachedBytes: number;
  /** Ends the running try without counting it as a failure. The next try begins at once. */
  replace?: () => void;
  /** Gets what a try needs. Resolves to the presigned URL. */
  prepare(attempt: Attempt): Promise<string>;
  /** Sends the request once. */
  send(url: string, watch: Watch): Promise<Outcome<T>>;
}

/** Sends a request until it succeeds, is hopeless, or patience ends. */
export function requestOverLane<T>(request: LaneRequest<T>): Promise<T> {
  const { run, signal, part, direction } = request;
  const work = (): Promise<T> =>
    persist(run, signal, (attempt) => tryOverLane(request, attempt), part);
  return run.platform.traced?.({ kind: "part", direction, part }, work) ?? work();
}

/**
 * Makes one try, watched by the idle rules and held back by the breaker. Returns how it ended, for the retry
 * rules.
 */
async function tryOverLane<T>(request: LaneRequest<T>, attempt: Attempt): Promise<Outcome<T>> {
  const { run, lane, signal } = request;
  const { url, leave } = await begin(request, attempt);
  const rules = { stallMs: run.options.stallMs, answerMs: answerMs(attempt.failures) };
  const watch = new Watch(run.clock, rules, signal);
  request.replace = () => watch.end("replaced");
  lane.meter.state = "moving";
  lane.meter.tryFrom = { ms: run.clock.monotonicMs(), bytes: lane.meter.reachedBytes };
  let outcome: Outcome<T> | null = null;
  try {
    outcome = await request.send(url, watch);
    run.reached.store = true;
  } catch (error) {
    signal.throwIfAborted();
    if (request.reachedBytes > 0) run.reached.store = true;
    outcome = failed(failureOf(error, watch, run.reached.store), request.reachedBytes, error);
  } finally {
    watch.stop();
    leave(outcome === null ? "nothing" : linkAfter(outcome));
  }
  if (!outcome.ok) lane.meter.state = "waiting";
  return outcome;
}

/** After a longer wait for a turn the URL is asked for again, since it may have expired. */
const longWaitMs = 20_000;

/** Gets the URL, and waits until the request may be sent: for the breaker, then for a turn among other transfers. */
async function begin<T>(request: LaneRequest<T>, attempt: Attempt) {
  const { run, lane, signal } = request;
  lane.meter.state = "minting";
  const url = await request.prepare(attempt);
  lane.meter.state = "held"; // usually for no time
  const leaveBreaker = await run.breaker.enter(signal);
  let endTurn = (): void => undefined;
  const leave = (link: LinkState): void => {
    endTurn();
    leaveBreaker(link);
  };
  try {
    const fromMs = run.clock.monotonicMs();
    endTurn = await takeTurn(run, signal);
    const isLate = run.clock.monotonicMs() - fromMs > longWaitMs;
    return { leave, url: isLate ? await request.prepare({ ...attempt, first: "nothing" }) : url };
  } catch (error) {
    leave("nothing");
    throw error;
  }
}

/** Notes that bytes have moved in this try. */
export function moved(request: LaneRequest<unknown>, watch: Watch, bytes: number): void {
  request.reachedBytes += bytes;
  request.run.meter.moved(request.lane.meter, bytes);
  watch.moved();
}

/**
 * Returns what a try's end says about the link. A machine that slept has lost its connections, but its link may
 * be up.
 */
function linkAfter(outcome: Outcome<unknown>): LinkState {
  if (outcome.ok) return "up";
  const { failure } = outcome;
  if (failure.kind === "connection") return failure.staleSocket ? "nothing" : "down";
  if (failure.kind !== "idle") return "up";
  return failure.reason === "slept" || failure.reason === "replaced" ? "nothing" : "down";
}

/** Translates the end of a try without an answer for the retry rules. @throws An error that is no failure of a connection. */
export function failureOf(error: unknown, watch: Watch, reached: boolean): Failure {
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

/** What an idle rule found, in words. */
export const idleText = {
  stall: "no byte moved",
  "no-answer": "no answer came",
  slept: "the machine slept",
  replaced: "another connection took over",
} as const;

/** Translates the store's refusal for the retry rules. */
export function storeFailure(answer: AnswerHead & { readonly text: string }): Failure {
  return {
    kind: "store",
    status: answer.status,
    storeCode: storeErrorCode(answer.text),
    retryAfter: answer.headers["retry-after"] ?? null,
  };
}

/** The status and the store's own code, for a message. */
export function storeText(answer: AnswerHead & { readonly text: string }): string {
  const code = storeErrorCode(answer.text);
  return code === null ? `status ${answer.status}` : `status ${answer.status}, ${code}`;
}

/** The `<Code>` of an object store's XML error; null if there is none. */
export function storeErrorCode(text: string): string | null {
  return /<Code>\s*([A-Za-z0-9.]{1,64})\s*<\/Code>/.exec(text)?.[1] ?? null;
}
