import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Scripts } from "./scripts.js";

/** What Node does for a page, by name: the page posts to `/call/NAME`. Given and answered is JSON. */
export type Calls = Readonly<Record<string, (given: never) => unknown>>;

/** Serves a page of an origin of its own, with the package's sources as scripts, and a strict policy. */
export class PageServer {
  readonly origin: string;
  /** What the page has said of itself, in a POST. */
  readonly reported: Promise<unknown>;
  readonly #http: Server;

  private constructor(http: Server, reported: Promise<unknown>) {
    this.#http = http;
    this.reported = reported;
    this.origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  }

  /** Each is an origin of its own: what one page keeps, no other sees. */
  static async start(
    { page, workers }: Scripts,
    importMap?: object,
    calls: Calls = {},
  ): Promise<PageServer> {
    const map = importMap === undefined ? "" : JSON.stringify(importMap);
    const mapTag = map === "" ? "" : `<script type="importmap">${map}</script>`;
    const mapHash = createHash("sha256").update(map).digest("base64");
    const files: Readonly<Record<string, string>> = { "/page.js": page, ...workers };
    const { promise: reported, resolve: report } = promiseOf<unknown>();
    const http = createServer((request, response) => {
      const name = (request.url ?? "/").split("?", 1)[0] ?? "/";
      if (request.method === "POST") {
        void json(request).then(async (given) => {
          const call = calls[name.replace("/call/", "")] ?? report;
          const answer = await Promise.resolve(call(given as never)).catch(String);
          response.end(JSON.stringify(answer ?? null));
        });
        return;
      }
      const text =
        name === "/"
          ? `<!doctype html>${mapTag}<script type="module" src="/page.js"></script>`
          : files[name];
      response.writeHead(text === undefined ? 404 : 200, {
        "Content-Type": name === "/" ? "text/html" : "text/javascript",
        "Content-Security-Policy":
          "default-src 'none'; worker-src 'self'; connect-src * data:; " +
          `script-src 'self' 'wasm-unsafe-eval' 'sha256-${mapHash}'`,
        "Cache-Control": "no-store",
      });
      response.end(text);
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    return new PageServer(http, reported);
  }

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }
}

function promiseOf<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
