import { randomBytes } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Answer } from "./answer.js";
import type { ErrorForm } from "./routes.js";
import type { Sockets } from "./sockets.js";

/** The client has closed the connection, or it broke: no answer can reach the client. */
export class ClientGoneError extends Error {
  override readonly name = "ClientGoneError";
  readonly code = "CLIENT_GONE";
}

/** How long an unwanted body is read and discarded. */
const DISCARD_MS = 1000;
const DISCARD_BYTES = 1024 * 1024;
/** A body up to this length is read to its end, to keep the connection. */
const SHORT_BYTES = 64 * 1024;

/** Whether a body is arriving that is long, or of unknown length. */
function moreThanIsDiscarded({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  if (headers["transfer-encoding"] !== undefined) return true;
  return Number(headers["content-length"] ?? 0) > SHORT_BYTES;
}

/** One request and its answer. */
export class Exchange {
  /** The id of the request, which is in its answer and in every log line about it. */
  readonly requestId: string = randomBytes(9).toString("base64url");
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The format of errors. */
  readonly errors: ErrorForm;
  readonly #sockets: Sockets;
  #status: number | undefined;
  #sentUnread = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    { errors, sockets }: { readonly errors: ErrorForm; readonly sockets: Sockets },
  ) {
    this.request = request;
    this.response = response;
    this.errors = errors;
    this.#sockets = sockets;
  }

  get socket(): Socket {
    return this.request.socket;
  }

  /** Whether the connection has been closed. Bytes that were received earlier may still be unread. */
  get isCut(): boolean {
    return this.socket.destroyed;
  }

  /** The status of the answer; undefined if none was begun. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Whether the system has taken all of the answer. */
  get finished(): boolean {
    return this.#sentUnread || this.response.writableFinished;
  }

  /**
   * Sends an answer. Rejects with ClientGoneError. If its body fails in another way, the connection is closed.
   */
  async send(answer: Answer): Promise<void> {
    const { body } = answer;
    this.#sockets.waitForClient(this.socket);
    const isUnwanted = moreThanIsDiscarded(this.request);
    if (isUnwanted && typeof body === "string") return this.#refuse(answer);
    this.#status = answer.status;
    if (isUnwanted) this.response.setHeader("Connection", "close");
    this.response.writeHead(answer.status, { ...answer.headers });
    if (typeof body === "string" || body instanceof Uint8Array) {
      this.response.end(body);
      return;
    }
    for await (const slice of body) await this.#write(slice);
    this.response.end();
  }

  /** Answers a request without reading its body. `ServerResponse` would read it to its end. */
  async sendUnread({ status, headers, body }: Answer): Promise<void> {
    const { socket } = this;
    const lines = Object.entries({ ...this.response.getHeaders(), ...headers }).map(
      ([name, value]) => `${name}: ${String(value)}`,
    );
    const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Status"}`, ...lines, "", ""].join(
      "\r\n",
    );
    this.#status = status;
    await new Promise<void>((resolve) => {
      socket.once("close", resolve);
      socket.write(Buffer.concat([Buffer.from(head), Buffer.from(body as string)]), () =>
        resolve(),
      );
    });
    this.#sentUnread = !socket.destroyed;
  }

  /** Resolves when the connection is closed. */
  async closed(): Promise<void> {
    if (this.socket.closed) return;
    await new Promise<void>((resolve) => this.socket.once("close", () => resolve()));
  }

  /**
   * Answers, and ends the connection without reading a long body to its end. What arrives is discarded for a
   * moment: a connection that is closed at once sends an RST, and the client would not see the answer.
   */
  async #refuse(answer: Answer): Promise<void> {
    await this.sendUnread({ ...answer, headers: { ...answer.headers, Connection: "close" } });
    this.socket.end();
    const end = () => this.socket.destroy();
    const timer = setTimeout(end, DISCARD_MS);
    let discarded = 0;
    this.request.on("data", (slice: Uint8Array) => {
      discarded += slice.length;
      if (discarded > DISCARD_BYTES) end();
    });
    await this.closed();
    clearTimeout(timer);
  }

  /** Writes a slice. Resolves when the system has taken it, so that it may be overwritten. */
  #write(slice: Uint8Array): Promise<void> {
    const { response } = this;
    if (slice.length === 0) {
      response.flushHeaders();
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const gone = () => reject(new ClientGoneError());
      response.once("close", gone);
      response.write(slice, (error) => {
        response.off("close", gone);
        if (error) reject(new ClientGoneError());
        else resolve();
      });
    });
  }
}
