import {
  AnswerText,
  BodyFilling,
  loaded,
  type AnswerHead,
  type GetAnswer,
  type GetRequest,
  type PartTransport,
  type PutAnswer,
  type PutRequest,
} from "@img/transfer";
import type { AddressRule } from "./allowed-lookup.js";
import { AnswerOrder } from "./answer-order.js";
import type { Connection } from "./connection.js";
import { Exchange, type Receiver } from "./exchange.js";
import { PartBody } from "./part-body.js";
import { routeTo, type Route } from "./proxies.js";
import { Sessions } from "./sessions.js";
import { transportError } from "./transport-error.js";

/** How often a connection is looked at for bytes that moved within a slice. */
const lookMs = 1_000;
/** More than this, and a socket that broke was not just found dead. */
const firstBytes = 1024 * 1024;

/** What one request sends, and who takes its answer. */
interface Sending {
  readonly method: "GET" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: PartBody | null;
  readonly receiver: Receiver;
  /** In the direction that counts. */
  readonly movedBytes: () => number;
}

/** A request as undici takes it. */
const dispatched = ({ method, headers, body }: Sending, route: Route) => ({
  path: route.path,
  method,
  headers: { ...headers, ...route.headers },
  // undici's types know no iterable here, its documentation and code do.
  body: (body?.slices() ?? null) as unknown as Uint8Array | null,
  headersTimeout: 0,
  bodyTimeout: 0,
});

/**
 * One lane's connection, which is replaced after anything but a clean answer, so that nothing of a
 * failed request can reach the next one. Honours the variables for proxies.
 */
export class UndiciTransport implements PartTransport {
  readonly #mayReach: AddressRule | undefined;
  readonly #sessions: Sessions;
  #connection: Connection | null = null;
  /** Settles when a connection that is opened ahead is there to be used; its socket may still be on the way. */
  #connecting: Promise<void> = Promise.resolve();
  #isClosed = false;

  /**
   * @param mayReach Which of a server's addresses may be connected to. @default all
   * @param sessions Those of other lanes. @default its own
   */
  constructor(mayReach?: AddressRule, sessions: Sessions = new Sessions()) {
    this.#mayReach = mayReach;
    this.#sessions = sessions;
  }

  /** The address of the server that the present connection leads to; null where there is none, or through a proxy. */
  get peerAddress(): string | null {
    return this.#connection?.peerAddress ?? null;
  }

  async put(request: PutRequest): Promise<PutAnswer> {
    if (request.newConnection === true) await this.#connecting.then(() => this.#drop());
    const body = new PartBody(request);
    const text = new AnswerText();
    const filling = new BodyFilling(text);
    const { head, sentFirst } = await this.#exchange(request, {
      method: "PUT",
      headers: { ...request.headers, "content-length": String(request.lengthBytes) },
      body,
      receiver: { onHead: () => undefined, onBytes: (bytes) => filling.take(bytes) },
      movedBytes: () => body.takenBytes,
    });
    if (!sentFirst) await this.#drop();
    return { ...head, sentAll: sentFirst, text: text.text };
  }

  async get(request: GetRequest): Promise<GetAnswer> {
    const text = new AnswerText();
    let filling = new BodyFilling(text);
    let movedBytes = 0;
    const { head } = await this.#exchange(request, {
      method: "GET",
      headers: request.headers,
      body: null,
      receiver: {
        onHead: (head) => {
          if (request.onHead(head)) filling = new BodyFilling(request);
        },
        onBytes: (bytes) => {
          movedBytes += bytes.length;
          return filling.take(bytes);
        },
      },
      movedBytes: () => movedBytes,
    }).finally(() => filling.end());
    return { ...head, text: text.text };
  }

  connect(origin: string): void {
    this.#connecting = this.#openAhead(origin).catch(() => undefined); // the request will tell
  }

  async #openAhead(origin: string): Promise<void> {
    await this.#connecting;
    if (this.#connection !== null || this.#isClosed) return;
    (await this.#connectionBy(routeTo(new URL(origin), process.env))).openAhead();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#connecting;
    await this.#drop();
  }

  /** @returns The answer, and whether it began after all of the request had left this process. */
  async #exchange(
    request: { readonly url: string; readonly signal: AbortSignal; onMoved(bytes: number): void },
    sending: Sending,
  ): Promise<{ readonly head: AnswerHead; readonly sentFirst: boolean }> {
    request.signal.throwIfAborted();
    const { body, receiver, movedBytes } = sending;
    const route = routeTo(new URL(request.url), process.env);
    await this.#connecting;
    const connection = await this.#connectionBy(route);
    await connection.heardAll();
    request.signal.throwIfAborted();
    const order = new AnswerOrder(connection, body);
    const exchange = new Exchange(receiver, order);
    const abort = (): void => exchange.fail(request.signal.reason);
    const looking = setInterval(() => {
      if (body !== null && connection.hasMoved()) request.onMoved(0);
    }, lookMs);
    request.signal.addEventListener("abort", abort, { once: true });
    try {
      connection.dispatch(dispatched(sending, route), exchange);
      const head = await exchange.answer;
      if (exchange.wasCut) await this.#drop();
      return { head, sentFirst: order.sentFirst };
    } catch (error) {
      await this.#drop();
      request.signal.throwIfAborted();
      const onReusedSocket = order.onReusedSocket && movedBytes() <= firstBytes;
      throw (
        exchange.refused ?? body?.refused ?? transportError(error, onReusedSocket, route.through)
      );
    } finally {
      clearInterval(looking);
      request.signal.removeEventListener("abort", abort);
    }
  }

  async #connectionBy(route: Route): Promise<Connection> {
    if (this.#connection?.isFor(route) === true) return this.#connection;
    await this.#drop();
    // undici takes 60 ms to load (measured); until the first request the API has been asked already.
    const { Connection } = await loaded(import("./connection.js"));
    return (this.#connection = new Connection(route, this.#sessions, this.#mayReach));
  }

  /** Ends the connection, and waits until its socket holds no memory of ours. */
  async #drop(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close();
  }
}
