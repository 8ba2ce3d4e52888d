import { createServer as createHttpServer } from "node:http";
import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { oneAfterTheOther } from "./pipelining.js";
import { Sockets } from "./sockets.js";
import type { SocketLimits } from "./sockets.js";

/** The time for the headers of a request. No real client needs longer. */
const HEADERS_MS = 30_000;
/**
 * Longer than clients and proxies keep idle connections (undici 4 s, nginx 60 s), so that they close first,
 * without a race.
 */
const KEEP_ALIVE_MS = 75_000;

interface ListenerSettings extends SocketLimits {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

/** Listens on the port for clients. */
export class Listener {
  readonly http: HttpServer;
  readonly sockets: Sockets;
  readonly #settings: ListenerSettings;
  readonly #handling = new Set<Promise<void>>();

  constructor(settings: ListenerSettings) {
    this.#settings = settings;
    this.http = createServer(settings.tls);
    this.sockets = new Sockets(this.http, settings);
  }

  /** Gives the requests of each connection, one after the other, to a function that never rejects. */
  handle(
    handleRequest: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ): void {
    const onRequest = oneAfterTheOther((request, response) => {
      response.once("close", () => {
        // Node closes connections that are idle when closing starts, but not those that become idle later.
        if (!this.http.listening) this.http.closeIdleConnections();
      });
      const handling = handleRequest(request, response).finally(() =>
        this.#handling.delete(handling),
      );
      this.#handling.add(handling);
    });
    this.http.on("request", onRequest);
    // "Continue" is sent when the body is wanted, and not if the call is refused.
    this.http.on("checkContinue", onRequest);
  }

  async listen(): Promise<void> {
    const { host, port } = this.#settings;
    await new Promise<void>((resolve, reject) => {
      this.http.once("error", reject);
      this.http.listen(port, host, () => {
        this.http.off("error", reject);
        resolve();
      });
    });
  }

  /** The URL by which this machine reaches it, once it listens. */
  get url(): string {
    const { host, tls } = this.#settings;
    // It listens on a TCP port, so it has one.
    const { port } = this.http.address() as AddressInfo;
    const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
    return `${tls ? "https" : "http"}://${inUrl(reachable)}:${port}`;
  }

  /**
   * Accepts no new requests, waits up to `drainMs` for those that run, then cuts them. Resolves when none is
   * handled any more.
   */
  async close(drainMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    const cutting = setTimeout(() => this.sockets.destroyAll(), drainMs);
    await closed;
    clearTimeout(cutting);
    // A request that was cut still removes what it has written.
    await Promise.all(this.#handling);
  }
}

function createServer(tls: ListenerSettings["tls"]): HttpServer {
  const settings = {
    requestTimeout: 0,
    headersTimeout: HEADERS_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    highWaterMark: 64 * 1024,
    noDelay: true,
  };
  return tls ? createHttpsServer({ ...settings, ...tls }) : createHttpServer(settings);
}

/** Formats an address for a URL or a `Host` header: IPv6 in brackets. */
export const inUrl = (host: string): string => (host.includes(":") ? `[${host}]` : host);
