import { InvalidOptionError } from "@img/transfer";
import { isExcluded } from "./no-proxy.js";

/** A proxy that a variable of the environment names. */
export interface Proxy {
  /** Scheme, host and port: without user and password. */
  readonly origin: string;
  /** `Proxy-Authorization`, if the variable has a user. */
  readonly authorization: string | null;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The variables for each scheme. The first that is set counts; set to nothing, it means no proxy. */
const variables = {
  "http:": ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"],
  "https:": ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy", "HTTP_PROXY"],
} as const;

/**
 * The proxy that a URL is reached through; null for none.
 *
 * @throws {InvalidOptionError} The variable names no http: or https: proxy.
 */
export function proxyFor(url: URL, env: Env): Proxy | null {
  const name = variableFor(url.protocol, env);
  if (name === undefined) return null;
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  if (isExcluded(url.hostname, port, env["no_proxy"] ?? env["NO_PROXY"] ?? "")) return null;
  return readProxy(name, env[name]!);
}

/** @throws {InvalidOptionError} A variable that would be used names no http: or https: proxy. */
export function checkProxies(env: Env): void {
  for (const protocol of ["http:", "https:"] as const) {
    const name = variableFor(protocol, env);
    if (name !== undefined) readProxy(name, env[name]!);
  }
}

/** The variable that counts; undefined if none is set, or it is empty. */
function variableFor(protocol: string, env: Env): string | undefined {
  const names = protocol === "https:" ? variables["https:"] : variables["http:"];
  const name = names.find((one) => env[one] !== undefined);
  return name === undefined || env[name] === "" ? undefined : name;
}

function readProxy(name: string, value: string): Proxy {
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    // The value is not repeated: it may hold a password.
    throw new InvalidOptionError(name, url?.protocol ?? "unreadable", "http://HOST:PORT");
  }
  const user = [url.username, url.password].map(decoded).join(":");
  const authorization = user === ":" ? null : `Basic ${Buffer.from(user).toString("base64")}`;
  return { origin: url.origin, authorization };
}

/** A password may hold a `%` that encodes nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** How a request reaches its server. */
export interface Route {
  /** The origin that gets the request: the server's, or that of the proxy that forwards it. */
  readonly origin: string;
  /** The target in the request line. */
  readonly path: string;
  /** Headers for the proxy that forwards it. */
  readonly headers: Readonly<Record<string, string>>;
  /** The proxy to tunnel through; null for none. */
  readonly tunnel: Proxy | null;
  /** The proxy's origin, for messages; null for none. */
  readonly through: string | null;
}

/**
 * Finds the way to a URL. Through a proxy, https: is tunnelled and http: is forwarded, since many
 * proxies allow tunnels to port 443 only.
 *
 * @throws {InvalidOptionError} A variable for proxies cannot be used.
 */
export function routeTo(url: URL, env: Env): Route {
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
