import type { Socket } from "node:net";

/** A request whose body has arrived. */
export interface HttpRequest {
  readonly method: string;
  /** The path and the query. */
  readonly target: string;
  /** The host and port that the client named: behind a proxy they differ from the server's own. */
  readonly host: string;
  readonly range: string | null;
  /** The body, if it has at most 64 KiB; longer ones are discarded. */
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a server does with requests. Null: the handler writes the answer itself. */
export interface HttpHandler {
  requestBegan(method: string): void;
  bodyMoved(method: string, bytes: number): void;
  answer(request: HttpRequest, connection: HttpConnection): HttpAnswer | null;
}

interface Arriving {
  readonly request: Omit<HttpRequest, "body">;
  readonly kept: Buffer[] | null;
  leftBytes: number;
}

const mostHeadBytes = 64 * 1024;
const mostKeptBytes = 64 * 1024;

/**
 * A minimal HTTP/1.1 connection for a server that must cost almost nothing: no chunked bodies, one request at a
 * time. `node:http` costs a fifth more for each GiB that is discarded.
 */
export class HttpConnection {
  readonly socket: Socket;
  readonly #handler: HttpHandler;
  #head: Buffer = Buffer.alloc(0);
  #arriving: Arriving | null = null;

  constructor(socket: Socket, handler: HttpHandler) {
    this.socket = socket;
    this.#handler = handler;
    socket.on("error", () => undefined); // the client's end is not ours to judge
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  write(answer: HttpAnswer): void {
    const body = answer.body ?? "";
    const length = String(Buffer.byteLength(body));
    this.socket.write(
      headOf(answer.status, { "content-length": length, ...answer.headers }) + body,
    );
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0 && !this.socket.destroyed) {
      rest = this.#arriving === null ? this.#takeHead(rest) : this.#takeBody(this.#arriving, rest);
    }
  }

  #takeHead(chunk: Buffer): Buffer {
    this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) {
      if (this.#head.length > mostHeadBytes) this.socket.destroy();
      return Buffer.alloc(0);
    }
    const rest = this.#head.subarray(end + 4);
    const head = this.#head.toString("latin1", 0, end);
    this.#head = Buffer.alloc(0);
    this.#begin(head);
    return rest;
  }

  #begin(head: string): void {
    const [line = "", ...lines] = head.split("\r\n");
    const [method = "", target = ""] = line.split(" ");
    const headers = headersOf(lines);
    if (headers.has("transfer-encoding")) {
      this.write({ status: 411, headers: { connection: "close" } });
      this.socket.end();
      return;
    }
    const leftBytes = Number(headers.get("content-length") ?? 0);
    const request = {
      method,
      target,
      host: headers.get("host") ?? "",
      range: headers.get("range") ?? null,
    };
    this.#handler.requestBegan(method);
    if (headers.get("expect") === "100-continue")
      this.socket.write("HTTP/1.1 100 Continue\r\n\r\n");
    this.#arriving = { request, kept: leftBytes <= mostKeptBytes ? [] : null, leftBytes };
    if (leftBytes === 0) this.#answer(this.#arriving);
  }

  #takeBody(arriving: Arriving, chunk: Buffer): Buffer {
    const own = chunk.length > arriving.leftBytes ? chunk.subarray(0, arriving.leftBytes) : chunk;
    arriving.kept?.push(own);
    arriving.leftBytes -= own.length;
    this.#handler.bodyMoved(arriving.request.method, own.length);
    if (arriving.leftBytes === 0) this.#answer(arriving);
    return chunk.subarray(own.length);
  }

  #answer({ request, kept }: Arriving): void {
    this.#arriving = null;
    const body = Buffer.concat(kept ?? []).toString();
    const answer = this.#handler.answer({ ...request, body }, this);
    if (answer !== null) this.write(answer);
  }
}

export function headOf(status: number, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} X\r\ndate: ${new Date().toUTCString()}\r\n${lines.join("")}\r\n`;
}

function headersOf(lines: readonly string[]): Map<string, string> {
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}
