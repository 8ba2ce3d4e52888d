import type { EnvHttpProxyAgent, fetch as undiciFetch } from "undici";

/** undici, and what sends through the proxies of the environment; loaded with the first request that needs it. */
let proxied: Promise<{ fetch: typeof undiciFetch; dispatcher: EnvHttpProxyAgent }> | null = null;

/**
 * `fetch` for calls of the API that honours HTTPS_PROXY, HTTP_PROXY and NO_PROXY (in capitals or not),
 * which Node's own does only from version 24 on, and only if told to. Without such a variable it is
 * Node's own. For a client that is made by hand:
 *
 * ```ts
 * new SfcCore({ serverURL, bearerAuth, httpClient: new HTTPClient({ fetcher: apiFetch }) });
 * ```
 *
 * The variables are read at the first request. Connections that are kept open do not keep a process alive.
 */
export async function apiFetch(
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  if (!hasProxy(process.env)) return init === undefined ? fetch(input) : fetch(input, init);
  const { fetch: fetchThrough, dispatcher } = await (proxied ??= loadProxied());
  const request = new Request(input, init);
  // undici takes no `Request` of Node's, only its parts; the API's bodies are a few bytes of JSON.
  const body = request.body === null ? null : await request.text();
  const { method, signal, redirect } = request;
  const headers = Object.fromEntries(request.headers);
  const answer = await fetchThrough(request.url, {
    method,
    headers,
    body,
    signal,
    redirect,
    dispatcher,
  });
  // A `Response` of this Node, and not of another copy of undici.
  const { status, statusText } = answer;
  return new Response(answer.body, { status, statusText, headers: [...answer.headers] });
}

const hasProxy = (env: NodeJS.ProcessEnv): boolean =>
  ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"].some((name) => Boolean(env[name]));

async function loadProxied(): Promise<NonNullable<Awaited<typeof proxied>>> {
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  return { fetch, dispatcher: new EnvHttpProxyAgent() };
}
