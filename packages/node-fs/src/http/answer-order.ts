import type { Steps } from "./exchange.js";
import type { PartBody } from "./part-body.js";

/** What is needed of a connection to tell the order of request and answer. */
interface Watched {
  /** Called before a request is written. @returns Whether its socket has carried other requests. */
  begin(): boolean;
  /** Whether everything that was written has left the process, and everything that arrived was read. */
  readonly settled: boolean;
  /** Called each time bytes arrive from the server. */
  onHeard: () => void;
}

/**
 * Tells whether an answer belongs to this request: it began after the whole request had left this process, and no
 * unread bytes were waiting when the request was sent.
 */
export class AnswerOrder implements Steps {
  readonly #connection: Watched;
  readonly #body: Pick<PartBody, "done"> | null;
  #onReusedSocket = false;
  /** null until bytes have arrived. */
  #sentFirst: boolean | null = null;

  constructor(connection: Watched, body: Pick<PartBody, "done"> | null) {
    this.#connection = connection;
    this.#body = body;
    connection.onHeard = () => this.onAnswer();
  }

  /** Whether the request went over a socket that had carried others. */
  get onReusedSocket(): boolean {
    return this.#onReusedSocket;
  }

  get sentFirst(): boolean {
    return this.#sentFirst === true;
  }

  onStart(): void {
    this.#onReusedSocket = this.#connection.begin();
    this.#sentFirst = this.#connection.settled ? null : false;
  }

  /** The answer itself is still to come. */
  onInterim(): void {
    this.#sentFirst = null;
  }

  onAnswer(): void {
    this.#sentFirst ??= (this.#body === null || this.#body.done) && this.#connection.settled;
  }
}
