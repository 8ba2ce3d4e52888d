import { SourceUnreachableError, TransportError } from "../errors.js";
import { tellerOf, type TransferEvent } from "../events.js";
import type { Clock } from "../ports.js";
import type { Outage, TransferPhase } from "../progress.js";
import { answerMs, type Failure } from "../retry.js";
import { outageOf, type Setback, Patience } from "../run/patience.js";
import { failureOf, idleText } from "./lane-request.js";
import { persist, type Attempt, type Outcome, type Retrying } from "./persist.js";
import { Watch } from "./watch.js";

/** A request for bytes of an upload's source, from its first try to its success. */
export interface SourceRequest<T> {
  /** The server's name, for messages. */
  readonly host: string;
  /** Ends the request: it rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Sends the request once. */
  send(attempt: Attempt, moving: Moving): Promise<Outcome<T>>;
}

/** How long to wait for a source's server, and what is called with each retry. */
export interface SourcePatience {
  readonly retryBudgetMs: number;
  readonly stallMs: number;
  readonly onEvent?: ((event: TransferEvent) => void) | undefined;
}

/** What a try calls while it runs. */
export interface Moving {
  /** Aborted when an idle rule is broken, or with the request. */
  readonly signal: AbortSignal;
  /** Tells that the request was sent: from now on the rule for answers counts. */
  awaitAnswer(): void;
  /** Tells that so many bytes have come. @param areKnown They came in an earlier try already, and are no progress. */
  moved(bytes: number, areKnown?: boolean): void;
  /** Waits for memory of our own, which is no stall. */
  unwatched<V>(wait: () => Promise<V>): Promise<V>;
}

/**
 * Sends the requests to the server that a source is read from. They are retried by the same rules as parts, with a
 * patience of their own: this server may be down while the object store is up, and the other way round.
 */
export class SourceRequests {
  readonly #retrying: Retrying & { shown: { phase: TransferPhase } };
  readonly #stallMs: number;
  readonly #moved = { movedBytes: 0 };
  /** How many requests run. */
  #running = 0;
  /** The hosts that have answered, or sent bytes. */
  readonly #reached = new Set<string>();
  #failedHost: string | null = null;
  /** The error with which the server was given up. Later requests end with it at once. */
  #ended: Error | null = null;

  constructor(clock: Clock, { retryBudgetMs, stallMs, onEvent }: SourcePatience) {
    const tell = tellerOf({ onEvent });
    this.#stallMs = stallMs;
    const setback: Setback | null = null;
    this.#retrying = {
      clock,
      patience: new Patience(clock, retryBudgetMs),
      options: {
        tell: (news) => {
          const webServer = this.#failedHost ?? undefined;
          tell(news.event === "retry" ? { ...news, webServer } : news);
        },
      },
      pace: { slowDown: () => undefined },
      meter: { lanes: new Set() },
      shown: { phase: "preparing", setback, meter: this.#moved },
    };
  }

  /** Why the source gives no bytes at present; null if it does. */
  get outage(): Outage | null {
    const { shown, clock } = this.#retrying;
    const outage = outageOf(shown.setback, this.#moved.movedBytes, clock.monotonicMs());
    return outage === null ? null : { ...outage, webServer: this.#failedHost ?? undefined };
  }

  /** Sends a request until it succeeds. @throws {SourceUnreachableError | NoProgressError} The server is given up. */
  async send<T>(request: SourceRequest<T>): Promise<T> {
    if (this.#ended !== null) throw this.#ended;
    const { patience, shown } = this.#retrying;
    if (this.#running++ === 0) patience.progressed(); // no request ran, so the time since the last one does not count
    try {
      const far = { reachedBytes: 0 };
      const value = await persist(this.#retrying, request.signal, (attempt) =>
        this.#try(request, attempt, far),
      );
      patience.progressed();
      shown.phase = "moving";
      if (this.#failedHost === request.host) shown.setback = null;
      return value;
    } catch (error) {
      const code = (error as { code?: unknown } | null)?.code;
      if (code === "NO_PROGRESS" || code === "SOURCE_UNREACHABLE") this.#ended = error as Error;
      throw error;
    } finally {
      this.#running--;
    }
  }

  /** @param far How many bytes have come in all tries: each continues where the one before ended. */
  async #try<T>(
    request: SourceRequest<T>,
    attempt: Attempt,
    far: { reachedBytes: number },
  ): Promise<Outcome<T>> {
    const { clock } = this.#retrying;
    const rules = { stallMs: this.#stallMs, answerMs: answerMs(attempt.failures) };
    const watch = new Watch(clock, rules, request.signal);
    const moving: Moving = {
      signal: watch.signal,
      awaitAnswer: () => watch.awaitAnswer(),
      unwatched: (wait) => watch.unwatched(wait),
      moved: (bytes, areKnown = false) => {
        if (!areKnown) far.reachedBytes += bytes;
        if (!areKnown) this.#moved.movedBytes += bytes;
        watch.moved();
      },
    };
    try {
      const outcome = await request.send(attempt, moving);
      this.#reached.add(request.host);
      if (outcome.ok) return outcome;
      this.#failedHost = request.host;
      return { ...outcome, ...far };
    } catch (error) {
      request.signal.throwIfAborted();
      if (far.reachedBytes > 0) this.#reached.add(request.host);
      const failure = failureOf(error, watch, this.#reached.has(request.host));
      this.#failedHost = request.host;
      const through = error instanceof TransportError ? error.through : null;
      const unreachable = new SourceUnreachableError(request.host, reasonOf(failure), through);
      return { ok: false, failure, ...far, error: unreachable };
    } finally {
      watch.stop();
    }
  }
}

function reasonOf(failure: Failure): string {
  if (failure.kind === "idle") return idleText[failure.reason];
  return "reason" in failure ? failure.reason : failure.kind;
}
