import type { Socket } from "node:net";
import { buildConnector, EnvHttpProxyAgent, type Dispatcher } from "undici";
import {
  TransportError,
  type AnswerHead,
  type GetAnswer,
  type GetRequest,
  type PartTransport,
  type PutAnswer,
  type PutRequest,
} from "@img/transfer";
import { Exchange, type Receiver } from "./exchange.js";
import { LentReads } from "./lent-reads.js";
import { PartBody } from "./part-body.js";
import { TextReceiver } from "./text-receiver.js";

/** A dual-stack host may need longer than Node's 250 ms for its first handshake. */
const familyAttemptMs = 2_000;
/** How often a socket is looked at for bytes that moved within a slice. */
const lookMs = 1_000;
/** More than this, and a socket that broke was not just found dead. */
const firstBytes = 1024 * 1024;

/**
 * One lane's connection: undici over one socket, which is made anew after anything but a clean answer,
 * so that nothing of a failed request can reach the next one. Honours HTTPS_PROXY and NO_PROXY.
 */
export class UndiciTransport implements PartTransport {
  #dispatcher: Dispatcher | null = null;
  #socket: Socket | null = null;
  /** Of the last TLS connection, so that the next one is made faster. */
  #session: Buffer | undefined;
  /** Requests that the present connection has carried. */
  #carried = 0;

  async put(request: PutRequest): Promise<PutAnswer> {
    const body = new PartBody(request);
    const text = new TextReceiver();
    const headers = { ...request.headers, "content-length": String(request.bytes.length) };
    const head = await this.#exchange(
      "PUT",
      request,
      headers,
      body.slices(),
      text,
      () => body.takenBytes,
    );
    const sentAll = body.done; // now: a socket that is closed lets go of what it had not written
    if (!sentAll) await this.#drop();
    return { ...head, sentAll, text: text.text };
  }

  async get(request: GetRequest): Promise<GetAnswer> {
    const text = new TextReceiver();
    let wanted = false;
    let receivedBytes = 0;
    const receiver: Receiver = {
      onHead: (head) => {
        wanted = request.onHead(head);
      },
      onBytes: (bytes) => {
        receivedBytes += bytes.length;
        if (wanted) return request.onBytes(bytes);
        text.onBytes(bytes);
      },
    };
    const head = await this.#exchange(
      "GET",
      request,
      request.headers,
      null,
      receiver,
      () => receivedBytes,
    );
    return { ...head, text: text.text };
  }

  async close(): Promise<void> {
    await this.#drop();
  }

  async #exchange(
    method: "GET" | "PUT",
    request: {
      readonly url: string;
      readonly signal: AbortSignal;
      onMoved?: (bytes: number) => void;
    },
    headers: Readonly<Record<string, string>>,
    body: AsyncIterable<Uint8Array> | null,
    receiver: Receiver,
    movedBytes: () => number,
  ): Promise<AnswerHead> {
    request.signal.throwIfAborted();
    const url = new URL(request.url);
    const dispatcher = this.#connect();
    const carried = this.#carried++;
    const exchange = new Exchange(receiver);
    const abort = (): void => exchange.fail(request.signal.reason);
    const looking = setInterval(() => this.#lookAtSocket(request), lookMs);
    request.signal.addEventListener("abort", abort, { once: true });
    try {
      dispatcher.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method,
          headers,
          // undici's types know no iterable here, its documentation and code do.
          body: body as unknown as Uint8Array | null,
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        exchange,
      );
      return await exchange.answer;
    } catch (error) {
      await this.#drop();
      request.signal.throwIfAborted();
      throw exchange.refused ?? transportError(error, carried > 0 && movedBytes() <= firstBytes);
    } finally {
      clearInterval(looking);
      request.signal.removeEventListener("abort", abort);
    }
  }

  #connect(): Dispatcher {
    if (this.#dispatcher !== null) return this.#dispatcher;
    this.#carried = 0;
    this.#dispatcher = new EnvHttpProxyAgent({
      connections: 1,
      pipelining: 1,
      keepAliveTimeout: 30_000,
      connect: (options, callback) => {
        this.#carried = 1;
        const reads = new LentReads();
        connectorOf(reads, this.#session)(options, (...result) => {
          const socket = result[1] ?? null; // undici's types promise a null that is left out
          this.#socket = socket;
          if (socket !== null) reads.serve(socket);
          socket?.on("session", (session: Buffer) => (this.#session = session));
          callback(...result);
        });
      },
    });
    return this.#dispatcher;
  }

  /**
   * A slice may take long on a slow link. Node's own idle timer sees single bytes of it leave: only
   * when that fired did nothing move.
   */
  #lookAtSocket(request: { onMoved?: (bytes: number) => void }): void {
    const socket = this.#socket;
    if (socket === null || socket.writableLength === 0) return;
    const idle = idleSockets.has(socket);
    idleSockets.delete(socket);
    if (socket.timeout !== lookMs || idle) {
      if (socket.listenerCount("timeout", markIdle) === 0) socket.on("timeout", markIdle);
      socket.setTimeout(lookMs);
    } else request.onMoved?.(0);
  }

  /** Ends the connection, and waits until its socket holds no memory of ours. */
  async #drop(): Promise<void> {
    const [dispatcher, socket] = [this.#dispatcher, this.#socket];
    this.#dispatcher = this.#socket = null;
    if (dispatcher === null) return;
    const closed = socket === null || socket.closed ? null : once(socket);
    socket?.destroy();
    await dispatcher.destroy();
    await closed;
  }
}

const connectorOf = (reads: LentReads, session: Buffer | undefined): buildConnector.connector =>
  buildConnector({
    timeout: 30_000,
    autoSelectFamilyAttemptTimeout: familyAttemptMs,
    session,
    onread: reads.onread,
  });

const idleSockets = new WeakSet<Socket>();

function markIdle(this: Socket): void {
  idleSockets.add(this);
}

const once = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once("close", () => {
      resolve();
    });
  });

/** The cause is not kept: undici's errors can hold the request, and so its URL. */
function transportError(error: unknown, staleSocket: boolean): TransportError {
  const { code } = error as { code?: unknown };
  const reason = typeof code === "string" ? code : error instanceof Error ? error.name : "unknown";
  const gone = reason === "ECONNRESET" || reason === "EPIPE" || reason === "UND_ERR_SOCKET";
  return new TransportError(reason, gone && staleSocket);
}
