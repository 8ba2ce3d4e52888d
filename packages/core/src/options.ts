import { resolveTarget, type ApiVersion, type Target } from "./api-version.js";
import { InvalidRequestError } from "./client-errors.js";
import type { Logger } from "./debug-log.js";
import type { HTTPClient } from "./http-client.js";
import { platformFetch } from "./platform-fetch.js";
import { defaultRetryCodes, type RetryConfig } from "./retries.js";

/** The servers that the vendor's SDK lists. `"/"` is no address outside of a page: give `serverURL`. */
export const ServerList: readonly ["/"] = ["/"];

/** The options of a client. Nothing is read from the environment. */
export interface SDKOptions {
  /** The token, or what gets one. Asked before each try, and once more after a 401. */
  bearerAuth?: string | (() => Promise<string>) | undefined;
  /** Sends the requests. @default `new HTTPClient()` */
  httpClient?: HTTPClient | undefined;
  /** Which version of the API is spoken. @default "v2" */
  apiVersion?: ApiVersion | undefined;
  /** The workspace of calls that name none, as id or path; only with `apiVersion: "preview"`. */
  workspace?: string | undefined;
  /** An index into `ServerList`. */
  serverIdx?: number | undefined;
  /** Where the API is: with or without a path, which is kept; without query, user and password. */
  serverURL?: string | undefined;
  /** The `User-Agent` header. @default The platform's; a page that sets one needs CORS to allow it. */
  userAgent?: string | undefined;
  /** @default `{ strategy: "none" }` */
  retryConfig?: RetryConfig | undefined;
  /** Milliseconds for each try, until the last byte of the answer, of calls without a `signal`. @default No limit. */
  timeoutMs?: number | undefined;
  /** The same, of calls with a `signal` too. Not the vendor's. @default `timeoutMs` where there is no `signal` */
  tryTimeoutMs?: number | undefined;
  /** Gets each request and answer, without secrets: `console`, for example. @default Nobody. */
  debugLogger?: Logger | undefined;
  /** Allows `http:` to another machine, which shows the token to everybody between. @default false */
  allowInsecureHttp?: boolean | undefined;
}

type FetchOptions = Omit<RequestInit, "method" | "body">;

/** The options of one call; each overrides the client's. Options of `fetch` may stand beside them. */
export type RequestOptions = {
  /** Milliseconds for each try, until the last byte of the answer; 0 or less is no limit. A `signal` wins over it. */
  timeoutMs?: number | undefined;
  /** The same, beside a `signal` too. Not the vendor's. */
  tryTimeoutMs?: number | undefined;
  /** Whether and how this call is tried again. @default the client's `retryConfig` */
  retries?: RetryConfig | undefined;
  /** Statuses, or families such as `"5XX"`. @default 429, 500, 502, 503 and 504 */
  retryCodes?: string[] | undefined;
  /** Where the API is, for this call. @default the client's */
  serverURL?: string | URL | undefined;
  /** Passed on to `fetch`. `signal` ends the call at once; `redirect` is always `"manual"`. */
  fetchOptions?: FetchOptions | undefined;
} & FetchOptions;

/** A client's options, checked. */
export interface ResolvedClient extends Target {
  readonly baseURL: URL | undefined;
  readonly allowInsecureHttp: boolean;
  readonly bearerAuth: SDKOptions["bearerAuth"];
  readonly httpClient: Pick<HTTPClient, "request">;
  readonly userAgent: string | undefined;
  readonly retryConfig: RetryConfig;
  readonly timeoutMs: number;
  readonly tryTimeoutMs: number | undefined;
  readonly debugLogger: Logger | undefined;
}

/** Sends what a new `HTTPClient` sends, without the code of hooks. */
const plainClient: ResolvedClient["httpClient"] = { request: (request) => platformFetch(request) };

/**
 * Checks a client's options and fills in the defaults.
 *
 * @throws {InvalidRequestError} `serverURL` can't be used. Without one, each call needs its own.
 * @throws {SDKValidationError} `apiVersion` or `workspace` can't be used.
 */
export function resolveClient(given: SDKOptions): ResolvedClient {
  const allowInsecureHttp = given.allowInsecureHttp ?? false;
  return {
    ...resolveTarget(given),
    baseURL: given.serverURL ? resolveServer(given.serverURL, allowInsecureHttp) : undefined,
    allowInsecureHttp,
    bearerAuth: given.bearerAuth,
    httpClient: given.httpClient ?? plainClient,
    userAgent: given.userAgent,
    retryConfig: given.retryConfig ?? { strategy: "none" },
    timeoutMs: given.timeoutMs ?? 0,
    tryTimeoutMs: given.tryTimeoutMs,
    debugLogger: given.debugLogger,
  };
}

/** One call's options, checked, with the client's where it has none. */
export interface ResolvedCall {
  readonly baseURL: URL;
  readonly retryConfig: RetryConfig;
  readonly retryCodes: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly headers: RequestInit["headers"];
  /** For `fetch`, as they are. */
  readonly fetchOptions: FetchOptions;
}

/** @throws {InvalidRequestError} There is no server that can be used. */
export function resolveCall(given: RequestOptions, client: ResolvedClient): ResolvedCall {
  const { timeoutMs, tryTimeoutMs, retries, retryCodes, serverURL, fetchOptions, ...flat } = given;
  const baseURL = serverURL ? resolveServer(serverURL, client.allowInsecureHttp) : client.baseURL;
  if (!baseURL)
    throw new InvalidRequestError("No server: give `serverURL` to the client or the call");
  const signal = flat.signal ?? fetchOptions?.signal ?? undefined;
  return {
    baseURL,
    retryConfig: retries ?? client.retryConfig,
    retryCodes: retryCodes ?? defaultRetryCodes,
    timeoutMs:
      tryTimeoutMs ?? client.tryTimeoutMs ?? (signal ? 0 : (timeoutMs ?? client.timeoutMs)),
    signal,
    headers: flat.headers ?? fetchOptions?.headers,
    fetchOptions: { ...fetchOptions, ...flat },
  };
}

const loopback = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The messages don't repeat what was given: it may hold a password. */
function resolveServer(given: string | URL, allowInsecureHttp: boolean): URL {
  const url = parse(given);
  if (url?.protocol !== "https:" && url?.protocol !== "http:") {
    throw new InvalidRequestError("`serverURL` must be an absolute URL with https: or http:");
  }
  if (url.username || url.password) {
    throw new InvalidRequestError("`serverURL` must not hold a user or password; use `bearerAuth`");
  }
  if (/[?#]/.test(url.href)) {
    throw new InvalidRequestError("`serverURL` must not hold a query or fragment");
  }
  if (url.protocol === "http:" && !loopback.test(url.hostname) && !allowInsecureHttp) {
    throw new InvalidRequestError(
      `http://${url.host} would get the token in the clear; use https: or set \`allowInsecureHttp\``,
    );
  }
  url.pathname = url.pathname.replace(/\/+$/, "") + "/";
  return url;
}

function parse(given: string | URL): URL | undefined {
  try {
    return new URL(given);
  } catch {
    return undefined;
  }
}
