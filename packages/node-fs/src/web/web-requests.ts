import { setMaxListeners } from "node:events";
import {
  SourceRefusedError,
  SourceRequests,
  SourceUnusableError,
  storeFailure,
  TransportError,
  type AnswerHead,
  type BodyMemory,
  type GetAnswer,
  type Moving,
  type Outage,
  type TransferEvent,
  type Outcome,
} from "@img/transfer";
import { systemClock } from "../clock.js";
import { addressRefused } from "../http/allowed-lookup.js";
import { UndiciTransport } from "../http/transport.js";
import { isPacked, notAsAsked } from "./web-answer.js";
import { mostRedirects, notFollowed, redirected, ruleOf, type Hop } from "./redirects.js";
import { webUrlOf, type WebUrl } from "./web-url.js";

/** How long a web server may fail or send nothing. */
export interface WebPatience {
  /** As the transfer's option. @default 600,000 */
  readonly retryBudgetMs?: number | undefined;
  /** As the transfer's option. @default 30,000 */
  readonly stallMs?: number | undefined;
  /** As the transfer's option: told of each retry. */
  readonly onEvent?: ((event: TransferEvent) => void) | undefined;
}

/** Where the body of an answer goes. */
export interface WebMemory extends BodyMemory {
  /** Whether the next bytes already came in an earlier try: they are no progress. */
  readonly isKnown?: boolean;
}

/** One request, and what its answer must be. */
export interface Wanted<T> {
  /** The headers of the next try. */
  headers(): Readonly<Record<string, string>>;
  /** Returns memory for the body of an answer; null if the body is not needed. An error that it throws ends the request. */
  onHead(head: AnswerHead): WebMemory | null;
  /** The result of an answer; a failure is retried by its kind. */
  outcome(answer: GetAnswer): Outcome<T>;
}

/** How many requests run at once, each over its own connection: one connection is often slower than the link. */
const mostConnections = 4;

interface Connection {
  readonly hop: Hop;
  readonly transport: UndiciTransport;
}

/**
 * The requests for one file on a web server. Redirects are followed for the first request, and again if their target
 * refuses: it may have expired.
 */
export class WebRequests {
  readonly start: WebUrl;
  readonly #requests: SourceRequests;
  readonly #closing = new AbortController();
  readonly #idle: Connection[] = [];
  readonly #waiting: (() => void)[] = [];
  #connections = 0;
  #place: Hop;

  /** @throws {SourceUnusableError} The URL is not a web server's. */
  constructor(url: URL, { retryBudgetMs = 600_000, stallMs = 30_000, onEvent }: WebPatience) {
    this.start = webUrlOf(url);
    setMaxListeners(0, this.#closing.signal);
    this.#place = this.#first();
    this.#requests = new SourceRequests(systemClock, { retryBudgetMs, stallMs, onEvent });
  }

  /** Why the server gives no bytes just now; null if it does. */
  get outage(): Outage | null {
    return this.#requests.outage;
  }

  /** Aborted when this is closed. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Sends a request until it succeeds, fails for good, or `retryBudgetMs` is over.
   *
   * @throws {SourceUnusableError} A redirect may not be followed.
   * @throws {SourceRefusedError | SourceUnreachableError | NoProgressError} The server does not answer as it should.
   */
  async get<T>(wanted: Wanted<T>, signal: AbortSignal): Promise<T> {
    await this.#turn();
    try {
      return await this.#requests.send<T>({
        host: this.#place.url.host,
        signal,
        send: (attempt, moving) => {
          if (attempt.first === "mint") this.#place = this.#first();
          return this.#follow(wanted, moving);
        },
      });
    } finally {
      this.#connections--;
      this.#waiting.shift()?.();
    }
  }

  /** Ends what is running, and closes every connection. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("the URL was closed"));
    await Promise.all(this.#idle.splice(0).map(({ transport }) => transport.close()));
  }

  #first(): Hop {
    const { url, authorization } = this.start;
    return { url, authorization, from: null };
  }

  async #turn(): Promise<void> {
    while (this.#connections === mostConnections) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#connections++;
  }

  async #follow<T>(wanted: Wanted<T>, moving: Moving): Promise<Outcome<T>> {
    let hop = this.#place;
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const { answer, peerAddress } = await this.#ask(hop, wanted, moving);
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status > 399 || location === undefined) {
        if (answer.status < 300) this.#place = hop;
        return this.#outcome(wanted, answer);
      }
      hop = redirected(this.start, hop, location, peerAddress);
    }
    const { label } = this.start;
    throw new SourceUnusableError(`${label} redirects more than ${mostRedirects} times.`);
  }

  #outcome<T>(wanted: Wanted<T>, answer: GetAnswer): Outcome<T> {
    const { label } = this.start;
    if (answer.status >= 200 && answer.status < 300) {
      return isPacked(answer)
        ? notAsAsked(label, answer, "the server compresses the file although it was asked not to")
        : wanted.outcome(answer);
    }
    const error = new SourceRefusedError(label, answer.status);
    return { ok: false, failure: storeFailure(answer), reachedBytes: 0, error };
  }

  async #ask<T>(hop: Hop, wanted: Wanted<T>, moving: Moving) {
    const { transport } = this.#connectionTo(hop);
    let memory: WebMemory | null = null;
    let peerAddress: string | null = null;
    moving.awaitAnswer();
    try {
      const answer = await transport.get({
        url: hop.url.href,
        headers: headersOf(hop, wanted),
        signal: moving.signal,
        onHead: (head) => {
          peerAddress = transport.peerAddress;
          memory = wanted.onHead(head);
          return memory !== null && !isPacked(head);
        },
        into: () => {
          const room = memory!.into();
          return room instanceof Uint8Array ? room : moving.unwatched(() => room);
        },
        onMoved: (bytes) => {
          const isKnown = memory?.isKnown === true;
          memory?.onMoved(bytes);
          moving.moved(bytes, isKnown);
        },
      });
      await this.#giveBack({ hop, transport });
      return { answer, peerAddress };
    } catch (error) {
      await transport.close();
      throw this.#explained(error, hop);
    }
  }

  #explained(error: unknown, hop: Hop): unknown {
    const isRefused = error instanceof TransportError && error.reason === addressRefused;
    return isRefused ? notFollowed(this.start.label, hop.url) : error;
  }

  #connectionTo(hop: Hop): Connection {
    const index = this.#idle.findIndex((one) => isSamePlace(one.hop, hop));
    const [idle] = index === -1 ? [] : this.#idle.splice(index, 1);
    return idle ?? { hop, transport: new UndiciTransport(ruleOf(hop)) };
  }

  async #giveBack(connection: Connection): Promise<void> {
    if (!this.#closing.signal.aborted) this.#idle.push(connection);
    const surplus = this.#idle.length - mostConnections > 0 ? this.#idle.shift() : undefined;
    if (this.#closing.signal.aborted) await connection.transport.close();
    await surplus?.transport.close();
  }
}

/** Whether a connection for one may carry requests for the other. */
const isSamePlace = (a: Hop, b: Hop): boolean => a.url.origin === b.url.origin && a.from === b.from;

const headersOf = <T>({ authorization }: Hop, wanted: Wanted<T>): Record<string, string> => ({
  "accept-encoding": "identity",
  "user-agent": "img",
  ...(authorization === null ? {} : { authorization }),
  ...wanted.headers(),
});
