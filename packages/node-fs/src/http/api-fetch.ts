import type { Socket } from "node:net";
import type { Agent } from "undici";
import { Dial, type Destination } from "./dial.js";
import type { Proxy } from "./proxies.js";
import { routeTo, type Route } from "./route.js";

/**
 * `fetch` for calls of the API that honours the variables for proxies (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`
 * and `NO_PROXY`, in capitals or not), which Node's own does only from version 24 on, and only if told to. A call
 * that is aborted leaves no connection behind; Node's own continues connecting for 10 s. For a client that
 * is made by hand:
 *
 * ```ts
 * new SfcCore({ serverURL, bearerAuth, httpClient: new HTTPClient({ fetcher: apiFetch }) });
 * ```
 *
 * Connections that are kept open do not keep a process alive.
 */
export async function apiFetch(
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  const request = new Request(input, init);
  const route = routeTo(new URL(request.url), process.env);
  pending.calls++;
  try {
    return await askBy(route, request);
  } catch (error) {
    request.signal.throwIfAborted();
    throw route.through === null ? error : namingProxy(error, route.through);
  } finally {
    // Of calls that were aborted, nothing is left behind that would keep the process alive.
    if (--pending.calls === 0)
      for (const dial of pending.dials) dial.close().catch(() => undefined);
  }
}

/** Calls that wait for an answer, and connections that are being made for them. */
const pending = { calls: 0, dials: new Set<Dial>() };

async function askBy({ origin, path, headers, tunnel }: Route, request: Request) {
  const { fetch: fetchBy } = await import("undici");
  const agent = await agentFor(tunnel);
  const answer = await fetchBy(request.url, {
    method: request.method,
    headers: [...request.headers],
    // undici takes no `Request` of Node's, only its parts; the API's bodies are a few bytes of JSON.
    body: request.body === null ? null : await request.text(),
    signal: request.signal,
    redirect: request.redirect,
    dispatcher: agent.compose(
      (dispatch) => (options, handler) =>
        dispatch({ ...options, origin, path, headers: withAll(options.headers, headers) }, handler),
    ),
  });
  // A `Response` of this Node, and not of another copy of undici.
  const { status, statusText } = answer;
  return new Response(answer.body, { status, statusText, headers: [...answer.headers] });
}

/**
 * What `fetch` itself says stays, above all the length of the body, without which some services refuse it.
 *
 * @param own As `fetch` hands them on: an object of names and values.
 */
const withAll = (own: unknown, more: Readonly<Record<string, string>>): Record<string, string> => ({
  ...(own as Record<string, string>),
  ...more,
});

/** By the origin of the proxy that tunnels; empty for one that forwards. */
const agents = new Map<string, Agent>();

async function agentFor(tunnel: Proxy | null): Promise<Agent> {
  const { Agent } = await import("undici");
  const key = `${tunnel?.origin ?? ""} ${tunnel?.authorization ?? ""}`;
  const agent = agents.get(key) ?? new Agent({ connect: connectorThrough(tunnel) });
  agents.set(key, agent);
  return agent;
}

type Connector = NonNullable<Exclude<ConstructorParameters<typeof Agent>[0], undefined>["connect"]>;

const connectorThrough =
  (tunnel: Proxy | null): Connector =>
  ({ protocol, host }, callback) => {
    connectThrough({ origin: `${protocol}//${host}`, tunnel, session: null }).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error as Error, null),
    );
  };

async function connectThrough(to: Destination): Promise<Socket> {
  const dial = new Dial(to, null);
  pending.dials.add(dial);
  try {
    return await dial.open();
  } finally {
    pending.dials.delete(dial);
  }
}

/** As Node's `fetch` tells it, with the proxy. */
function namingProxy(error: unknown, through: string): TypeError {
  let inner = error as Error & { code?: unknown };
  while (inner.cause instanceof Error) inner = inner.cause;
  const cause = Object.assign(new Error(`${inner.message} (through the proxy ${through})`), {
    code: inner.code,
  });
  return new TypeError("fetch failed", { cause });
}
