import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export type Handler = (request: IncomingMessage, answer: ServerResponse) => void;

/** A web server on loopback, closed when the test ends. @returns The URL of its one file, with a secret in its query. */
export async function serve(handler: Handler, host = "127.0.0.1"): Promise<URL> {
  const server = createServer(handler).listen(0, host);
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return new URL(`http://${host}:${port}/disk.img?signature=${secret}`);
}

/** The secret in the query of each URL. */
export const secret = "s3cr3t-0f-th3-url";

/** A file on a web server. A test may change its bytes and version, and see the requests for it. */
export class ServedFile {
  bytes: Uint8Array;
  /** null for none. */
  etag: string | null = '"1"';
  lastModified: string | null = null;
  readonly asked: {
    readonly from: number;
    readonly to: number;
    readonly request: IncomingMessage;
  }[] = [];
  /** Answers a request instead of the file; returns false if it did not. */
  before: (request: IncomingMessage, answer: ServerResponse) => boolean = () => false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** How many bytes of the file from there up to `to` were asked for. */
  askedBytes(from = 0, to = Infinity): number {
    return this.asked.reduce((sum, one) => {
      const overlap = Math.min(to, one.to + 1) - Math.max(from, one.from);
      return sum + Math.max(0, overlap);
    }, 0);
  }

  readonly handler: Handler = (request, answer) => {
    const [, from = 0, to = 0] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    this.asked.push({ from: Number(from), to: Number(to), request });
    if (this.before(request, answer)) return;
    const { "if-match": match, "if-unmodified-since": since } = request.headers;
    const isOther =
      (match !== undefined && match !== this.etag) ||
      (since !== undefined && since !== this.lastModified);
    if (isOther) return void answer.writeHead(412).end();
    this.answer(answer, Number(from), Number(to));
  };

  answer(answer: ServerResponse, from: number, to: number): void {
    if (from >= this.bytes.length) {
      const range = `bytes */${this.bytes.length}`;
      return void answer.writeHead(416, { "Content-Range": range }).end();
    }
    const last = Math.min(to, this.bytes.length - 1);
    const headers = {
      "Content-Range": `bytes ${from}-${last}/${this.bytes.length}`,
      "Content-Length": String(last - from + 1),
      ...(this.etag !== null && { ETag: this.etag }),
      ...(this.lastModified !== null && { "Last-Modified": this.lastModified }),
    };
    answer.writeHead(206, headers).end(this.bytes.subarray(from, last + 1));
  }
}
