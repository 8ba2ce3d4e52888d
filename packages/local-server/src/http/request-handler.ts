import type { IncomingMessage, ServerResponse } from "node:http";
import {
  ApiError,
  apiErrorAnswer,
  json,
  ObjectError,
  textAnswer,
  xmlErrorAnswer,
} from "./answer.js";
import type { Answer } from "./answer.js";
import { isObjectPath, routeOf } from "./call.js";
import type { Call, Route } from "./call.js";
import { ClientGoneError, Connection } from "./exchange.js";
import { corsHeaders, preflightAnswer } from "./cors.js";
import type { Failures } from "./failures.js";
import type { FaultPlan } from "../faults/faults.js";
import type { ImagesApi } from "../api/images-api.js";
import { misbehave } from "../faults/misbehave.js";
import type { ObjectApi } from "../objects/object-api.js";
import type { ResolvedOptions } from "../options.js";
import type { Metrics } from "./metrics.js";
import type { Page } from "../page/page.js";
import { countWhenOver } from "./request-count.js";
import { requireOurs } from "./request-guard.js";
import { logWhenOver } from "./request-log.js";
import type { Sockets } from "./sockets.js";

export interface Site {
  readonly options: ResolvedOptions;
  readonly api: ImagesApi;
  /** Undefined where the bytes are in a bucket. */
  readonly objects: ObjectApi | undefined;
  readonly faults: FaultPlan;
  /** For people; null where none is served. */
  readonly page: Page | null;
  readonly sockets: Sockets;
  readonly metrics: Metrics;
  readonly failed: Failures;
  readonly markFailed: (id: string) => Promise<void>;
}

/** Takes one request from its head to the end of its answer. Never rejects. */
export async function handleRequest(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { options, sockets } = site;
  const { socket } = request;
  const connection = new Connection(request, response, sockets);
  const { requestId } = connection;
  response.setHeader("X-Request-Id", requestId);
  response.setHeader("X-Content-Type-Options", "nosniff");
  if (options.log) logWhenOver(request, response, connection, options.log);
  countWhenOver(site.metrics, request, response, connection);
  response.sendDate = false;
  response.setHeader("Date", new Date(options.clock()).toUTCString());
  response.setHeaders(new Map(Object.entries(corsHeaders(request, options.allowOrigins))));
  sockets.work(socket);
  try {
    const answer = await answerTo(site, request, response, connection);
    if (answer !== undefined) await connection.send(answer);
  } catch (error) {
    // The bytes of an answer that has begun could not be read: only the connection's end can tell the client.
    if (!isRefusal(error)) site.failed.ofRequest(requestId, error);
    socket.destroy();
  } finally {
    sockets.waitForClient(socket);
  }
}

async function answerTo(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
  connection: Connection,
): Promise<Answer | undefined> {
  const { pathname, searchParams } = splitUrl(request.url ?? "");
  try {
    const route = routeOf(request.method ?? "", pathname);
    if (route.to === "health") return json(200, { status: "ok" });
    if (route.to === "metrics") return await told(site.metrics);
    const origin = requireOurs(request, site.options);
    if (route.to === "wrong-method") {
      const answer = preflightAnswer(request, route.allowed, site.options.allowOrigins);
      if (answer !== null) return answer;
    }
    if (route.to === "nothing" && site.page !== null) {
      const answer = await site.page.answer(request.method ?? "", pathname);
      if (answer !== null) return answer;
    }
    if (route.to !== "operation") throw noOperation(route, response);
    if (isObjectPath(pathname) && !site.objects) throw noOperation({ to: "nothing" }, response);
    const call: Call = {
      operation: route.operation,
      apiVersion: route.apiVersion,
      method: request.method ?? "",
      path: pathname,
      query: searchParams,
      headers: request.headers,
      id: route.id,
      partNumber: route.partNumber,
      origin,
      body: bodyOf(request, response, site),
    };
    return await perform(site, call, connection);
  } catch (error) {
    if (socketIsGone(request)) throw error;
    return refusal(error, pathname, connection.requestId, site);
  }
}

async function told(metrics: Metrics): Promise<Answer> {
  const { type, body } = await metrics.text();
  return textAnswer(200, type, body);
}

async function perform(
  site: Site,
  call: Call,
  connection: Connection,
): Promise<Answer | undefined> {
  const fault = site.faults.pick(call);
  if (fault === undefined) return work(site, call);
  const { markFailed } = site;
  return misbehave(fault, {
    call,
    connection,
    markFailed,
    work: async (changed) => {
      try {
        return await work(site, changed);
      } catch (error) {
        return refusal(error, changed.path, connection.requestId, site);
      }
    },
  });
}

function work({ api, objects }: Site, call: Call): Promise<Answer> {
  const { operation } = call;
  if (operation !== "part" && operation !== "download") return api.handle(call, operation);
  if (objects === undefined) throw new Error("bug: the bytes are in a bucket");
  return objects.handle(call, operation);
}

function splitUrl(url: string): { pathname: string; searchParams: URLSearchParams } {
  const [pathname = "", query = ""] = url.split("?", 2);
  return { pathname, searchParams: new URLSearchParams(query) };
}

function noOperation(
  route: Exclude<Route, { to: "operation" }>,
  response: ServerResponse,
): ApiError {
  if (route.to !== "wrong-method") return new ApiError(404, "There is nothing here.");
  response.setHeader("Allow", route.allowed);
  return new ApiError(405, `Here are only: ${route.allowed}.`);
}

/** Slices as they arrive. Leaving the loop early leaves the socket as it is, for an answer. */
async function* bodyOf(
  request: IncomingMessage,
  response: ServerResponse,
  { sockets, metrics }: Site,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { socket } = request;
  if (/^100-continue$/i.test(request.headers.expect ?? "")) response.writeContinue();
  sockets.waitForClient(socket);
  try {
    for await (const slice of request.iterator({ destroyOnReturn: false })) {
      sockets.work(socket);
      // No encoding is set, so that it is bytes.
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

/** What is nobody's failure, whether or not somebody is there to be told. */
const isRefusal = (error: unknown): boolean =>
  error instanceof ClientGoneError || error instanceof ApiError || error instanceof ObjectError;

const socketIsGone = (request: IncomingMessage): boolean => request.socket.destroyed;

const XML_CODES: Readonly<Record<number, string>> = {
  400: "InvalidRequest",
  404: "NoSuchKey",
  405: "MethodNotAllowed",
};

/** Errors of ours become answers; a failure of the server is a 500 that tells nothing of its inside. */
function refusal(error: unknown, path: string, requestId: string, { failed }: Site): Answer {
  if (error instanceof ClientGoneError) throw error;
  if (error instanceof ObjectError) return xmlErrorAnswer(error);
  if (error instanceof ApiError && isObjectPath(path)) {
    return xmlErrorAnswer(
      new ObjectError(error.status, XML_CODES[error.status] ?? "AccessDenied", error.message),
    );
  }
  if (error instanceof ApiError) return apiErrorAnswer(error);
  failed.ofRequest(requestId, error);
  const message = `The server has failed: see its log, request ${requestId}.`;
  if (isObjectPath(path)) return xmlErrorAnswer(new ObjectError(500, "InternalError", message));
  return apiErrorAnswer(new ApiError(500, message));
}
