import { createServer as createHttpServer } from "node:http";
import type { Server as HttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { authenticator } from "./api/accounts.js";
import type { Operation } from "./http/call.js";
import { failures } from "./http/failures.js";
import type { Failures } from "./http/failures.js";
import { FaultPlan } from "./faults/faults.js";
import type { Faults } from "./faults/faults.js";
import { imagesApi } from "./api/images-api.js";
import { metrics } from "./http/metrics.js";
import type { Metrics } from "./http/metrics.js";
import { openStore } from "./open-store.js";
import type { OpenedStore } from "./open-store.js";
import { inUrl, resolveOptions } from "./options.js";
import type { ResolvedOptions, ServerOptions } from "./options.js";
import { oneAfterTheOther } from "./http/pipelining.js";
import { handleRequest } from "./http/request-handler.js";
import { servePage } from "./page/page.js";
import { Sockets } from "./http/sockets.js";
import { startSweeping } from "./sweeping.js";
import { workspacesOf } from "./api/workspace-access.js";

/** A server that listens. */
export interface Server extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, or `https://…`: where this machine reaches it. */
  readonly url: string;
  /** The first account's token. */
  readonly token: string;
  /** Tells it to misbehave. */
  readonly faults: Faults;
  /** How many requests of each operation have come, misbehaved ones included. */
  readonly requests: Readonly<Record<Operation, number>>;
  /**
   * Resolves if the folder's lock could not be renewed in time: the server has closed itself, and has
   * written nothing since, for another one may have the folder by now.
   */
  readonly lapsed: Promise<Error>;
  /**
   * Takes no new calls, lets those under way end (for `drainMs`, then cuts them), and lets the folder go.
   * May be called again.
   */
  close(): Promise<void>;
}

/** Header lines that take longer come from nobody who means well. */
const HEADERS_MS = 30_000;
/** Longer than clients and proxies keep idle connections (undici 4 s, nginx 60 s): they close first, without a race. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Opens the folder, making it where it is not there, or the bucket, and listens. `close()` it.
 *
 * @throws {InvalidOptionError} An option is out of its range.
 * @throws {StoreLockedError} Another live process serves the folder.
 * @throws {FolderUnusableError} The folder can't be made or written to.
 * @throws {BucketUnusableError | ConditionalWritesError | StoreUnfitError} The bucket won't do.
 */
export async function startServer(given: ServerOptions): Promise<Server> {
  const options = resolveOptions(given);
  const counted = metrics();
  const failed = failures(options.warn, counted);
  const opened = await openStore(options, (id, error) => failed.ofSweep(error, id));
  const sweeping = startSweeping(opened.images, failed);
  // A bucket may hold much: nobody waits for it.
  if (options.keptIn.in === "folder") await sweeping.first;
  const http = createServer(options);
  const faults = new FaultPlan();
  const sockets = serve(http, options, opened, { faults, counted, failed });
  try {
    await listen(http, options);
  } catch (error) {
    sweeping.stop();
    await opened.close();
    throw error;
  }
  let closing: Promise<void> | undefined;
  const close = () => {
    sweeping.stop();
    return (closing ??= shutDown(http, sockets, options.drainMs).finally(() => opened.close()));
  };
  const lapsed = opened.lapsed.then(async (error) => {
    sockets.destroyAll();
    await close().catch(() => undefined); // the lapse says more
    return error;
  });
  return {
    url: urlOf(http, options),
    token: options.accounts[0].token,
    faults,
    requests: faults.requests,
    lapsed,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createServer({ tls }: ResolvedOptions): HttpServer {
  const settings = {
    requestTimeout: 0,
    headersTimeout: HEADERS_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    highWaterMark: 64 * 1024,
    noDelay: true,
  };
  return tls ? createHttpsServer({ ...settings, ...tls }) : createHttpServer(settings);
}

function serve(
  http: HttpServer,
  options: ResolvedOptions,
  { images, objects, origins }: OpenedStore,
  { faults, counted, failed }: { faults: FaultPlan; counted: Metrics; failed: Failures },
): Sockets {
  const sockets = new Sockets(http, options);
  const site = {
    options,
    sockets,
    faults,
    page: options.page ? servePage(origins, options.pageFiles) : null,
    metrics: counted,
    failed,
    api: imagesApi(images, authenticator(options.accounts), workspacesOf(options.accounts)),
    objects,
    markFailed: (id: string) => images.fail(id),
  };
  const onRequest = oneAfterTheOther((request, response) => {
    response.once("close", () => {
      // Node closes connections that are idle when closing starts, and not those that become so.
      if (!http.listening) http.closeIdleConnections();
    });
    void handleRequest(site, request, response);
  });
  http.on("request", onRequest);
  // "Continue" is said when the body is wanted, and not where the call is refused.
  http.on("checkContinue", onRequest);
  return sockets;
}

async function listen(http: HttpServer, { host, port }: ResolvedOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, host, () => {
      http.off("error", reject);
      resolve();
    });
  });
}

function urlOf(http: HttpServer, { host, tls }: ResolvedOptions): string {
  // Listening on a TCP port, it has one.
  const { port } = http.address() as AddressInfo;
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `${tls ? "https" : "http"}://${inUrl(reachable)}:${port}`;
}

async function shutDown(http: HttpServer, sockets: Sockets, drainMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  sockets.releaseHeld();
  const cutting = setTimeout(() => sockets.destroyAll(), drainMs);
  await closed;
  clearTimeout(cutting);
}
