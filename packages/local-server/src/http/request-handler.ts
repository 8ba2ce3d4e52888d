import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { ApiError, json, textAnswer } from "./answer.js";
import type { Answer } from "./answer.js";
import type { Call, ExchangeHandler } from "./call.js";
import { corsHeaders, preflightAnswer } from "./cors.js";
import { ClientGoneError, Exchange } from "./exchange.js";
import type { Failures } from "./failures.js";
import type { Metrics } from "./metrics.js";
import { isRefusal, refusal } from "./refusal.js";
import { countWhenOver } from "./request-count.js";
import { requireOurs } from "./request-guard.js";
import type { KnownNames } from "./request-guard.js";
import { logWhenOver } from "./request-log.js";
import { routeOf } from "./routes.js";
import type { Route } from "./routes.js";
import type { Sockets } from "./sockets.js";

export interface Site {
  readonly settings: SiteSettings;
  /** Answers the calls of the API and of the object store. */
  readonly handle: ExchangeHandler;
  /** Answers requests for the page; null if no page is served. */
  readonly page: {
    answer(method: string, path: string, headers: IncomingHttpHeaders): Promise<Answer | null>;
  } | null;
  readonly sockets: Sockets;
  readonly metrics: Metrics;
  readonly failed: Failures;
}

export interface SiteSettings extends KnownNames {
  readonly log: ((line: string) => void) | undefined;
  /** The time in Unix milliseconds. */
  readonly clock: () => number;
}

/** A request that has been routed. */
interface Routed {
  readonly route: Route;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly exchange: Exchange;
}

/** Handles one request from its head to the end of its answer. Never rejects. */
export async function handleRequest(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = "", query = ""] = (request.url ?? "").split("?", 2);
  const route = routeOf(request.method ?? "", path);
  const exchange = new Exchange(request, response, { errors: route.errors, sockets: site.sockets });
  begin(site, exchange, route);
  try {
    const routed = { route, path, query: new URLSearchParams(query), exchange };
    const answer = await answerTo(site, routed).catch((error: unknown) =>
      refusal(error, exchange, site.failed),
    );
    if (answer !== undefined) await exchange.send(answer);
  } catch (error) {
    // The bytes of an answer that has begun could not be read: only closing the connection can tell the client.
    const isOurs = !isRefusal(error) && !(error instanceof ClientGoneError);
    if (isOurs) site.failed.ofRequest(exchange.requestId, error);
    request.socket.destroy();
  } finally {
    site.sockets.waitForClient(request.socket);
  }
}

/** Sets the headers of every answer, and logs and counts the request when it has ended. */
function begin({ settings, metrics, sockets }: Site, exchange: Exchange, route: Route): void {
  const { request, response } = exchange;
  response.setHeader("X-Request-Id", exchange.requestId);
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.sendDate = false;
  response.setHeader("Date", new Date(settings.clock()).toUTCString());
  response.setHeaders(new Map(Object.entries(corsHeaders(request, settings.allowOrigins))));
  if (settings.log) logWhenOver(exchange, settings.log);
  countWhenOver(metrics, exchange, route);
  sockets.work(request.socket);
}

async function answerTo(site: Site, routed: Routed): Promise<Answer | undefined> {
  const { route, path, exchange } = routed;
  const { request } = exchange;
  if (route.to === "health") return json(200, { status: "ok" });
  if (route.to === "metrics") return told(site.metrics);
  const origin = requireOurs(request, site.settings);
  switch (route.to) {
    case "operation":
      return site.handle(callOf(site, routed, route, origin), exchange);
    case "wrong-method":
      return preflightAnswer(request, route.allowed, site.settings.allowOrigins) ?? refuse(routed);
    case "nothing":
      return (
        (await site.page?.answer(request.method ?? "", path, request.headers)) ?? refuse(routed)
      );
  }
}

async function told(metrics: Metrics): Promise<Answer> {
  const { type, body } = await metrics.text();
  return textAnswer(200, type, body);
}

function refuse({ route, exchange }: Routed): never {
  if (route.to !== "wrong-method") throw new ApiError(404, "Not found.");
  exchange.response.setHeader("Allow", route.allowed);
  throw new ApiError(405, `Method not allowed. Allowed: ${route.allowed}.`);
}

function callOf(
  site: Site,
  { path, query, exchange }: Routed,
  { operation, apiVersion, id, partNumber }: Extract<Route, { to: "operation" }>,
  origin: string,
): Call {
  const { method = "", headers } = exchange.request;
  const body = bodyOf(site, exchange);
  return { operation, apiVersion, method, path, query, headers, id, partNumber, origin, body };
}

/** Yields slices as they arrive. Leaving the loop early keeps the socket open for an answer. */
async function* bodyOf(
  { sockets, metrics }: Site,
  { request, response }: Exchange,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { socket } = request;
  if (/^100-continue$/i.test(request.headers.expect ?? "")) response.writeContinue();
  sockets.waitForClient(socket);
  try {
    for await (const slice of request.iterator({ destroyOnReturn: false })) {
      sockets.work(socket);
      // No encoding is set, so it is bytes.
      const bytes = slice as Uint8Array;
      metrics.receivedBytes(bytes.length);
      yield bytes;
      sockets.waitForClient(socket);
    }
  } catch {
    throw new ClientGoneError();
  } finally {
    sockets.work(socket);
  }
}
