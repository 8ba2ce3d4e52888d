import type { Steps } from "./exchange.js";
import type { PartBody } from "./part-body.js";

/** What is to be known of a connection. */
interface Watched {
  /** A request is about to be written. @returns Whether its socket has carried others before. */
  begin(): boolean;
  /** Whether all that was written has left the process, and all that has come was read. */
  readonly settled: boolean;
  /** Called each time that bytes of the server have come. */
  onHeard: () => void;
}

/**
 * Whether an answer is one to this request: it began after all of the request had left this process,
 * and nothing was waiting to be read when the request was sent.
 */
export class AnswerOrder implements Steps {
  readonly #connection: Watched;
  readonly #body: Pick<PartBody, "done"> | null;
  #onReusedSocket = false;
  /** null until something has come. */
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

  /** What has come was not the answer yet. */
  onInterim(): void {
    this.#sentFirst = null;
  }

  onAnswer(): void {
    this.#sentFirst ??= (this.#body === null || this.#body.done) && this.#connection.settled;
  }
}
