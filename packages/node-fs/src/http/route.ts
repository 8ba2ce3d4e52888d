import { proxyFor, type Proxy } from "./proxies.js";

/** Which way a request goes. */
export interface Route {
  /** Whom HTTP is spoken with: the server, or the proxy that forwards to it. */
  readonly origin: string;
  /** What stands in the request line. */
  readonly path: string;
  /** What the proxy that forwards has to be told. */
  readonly headers: Readonly<Record<string, string>>;
  /** The proxy that connects through to the server; null where none does. */
  readonly tunnel: Proxy | null;
  /** The proxy's origin, for messages; null where there is none. */
  readonly through: string | null;
}

/**
 * Finds the way to a URL. Through a proxy, https: is tunnelled and http: is forwarded, since many
 * proxies allow tunnels to port 443 only.
 *
 * @throws {InvalidOptionError} A variable for proxies cannot be used.
 */
export function routeTo(url: URL, env: Readonly<Record<string, string | undefined>>): Route {
  const proxy = proxyFor(url, env);
  const through = proxy?.origin ?? null;
  const path = url.pathname + url.search;
  if (proxy === null || url.protocol === "https:") {
    return { origin: url.origin, path, headers: {}, tunnel: proxy, through };
  }
  const { origin, authorization } = proxy;
  const credentials = authorization === null ? {} : { "proxy-authorization": authorization };
  const headers = { host: url.host, ...credentials };
  return { origin, path: url.origin + path, headers, tunnel: null, through };
}
