import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Scripts } from "./scripts.js";

/** Serves a page of an origin of its own, with the package's sources as scripts, and a strict policy. */
export class PageServer {
  readonly origin: string;
  readonly #http: Server;

  private constructor(http: Server) {
    this.#http = http;
    this.origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  }

  /** Each is an origin of its own: what one page keeps, no other sees. */
  static async start({ page, workers }: Scripts): Promise<PageServer> {
    const files: Readonly<Record<string, string>> = { "/page.js": page, ...workers };
    const http = createServer((request, response) => {
      const name = (request.url ?? "/").split("?", 1)[0] ?? "/";
      const text =
        name === "/"
          ? '<!doctype html><script type="module" src="/page.js"></script>'
          : files[name];
      response.writeHead(text === undefined ? 404 : 200, {
        "Content-Type": name === "/" ? "text/html" : "text/javascript",
        "Content-Security-Policy":
          "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src *",
        "Cache-Control": "no-store",
      });
      response.end(text);
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    return new PageServer(http);
  }

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }
}
