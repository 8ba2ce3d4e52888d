import type { IncomingMessage } from "node:http";
import type { Answer } from "./answer.js";

/** The headers that a page may read. Without `ETag` it could write no receipts. */
const exposed = ["Accept-Ranges", "Content-Range", "Date", "ETag", "Retry-After"].join(", ");

/** The headers that a page may send, in addition to those that are always allowed. */
const allowedHeaders = ["Authorization", "Content-Type", "If-Match", "Range"].join(", ");

/** Chromium's maximum is 2 hours. */
const preflightMaxAgeSec = "7200";

/** Returns the origin of a page elsewhere that may use the server; null if there is none, or it may not. */
function allowedOrigin({ headers }: IncomingMessage, allowed: ReadonlySet<string>): string | null {
  const { origin } = headers;
  return origin !== undefined && allowed.has(origin) ? origin : null;
}

/**
 * Returns the CORS headers of an answer. The origin is named, never `*`, and there are no credentials: the
 * token is a header, and there are no cookies.
 */
export function corsHeaders(
  request: IncomingMessage,
  allowed: ReadonlySet<string>,
): Readonly<Record<string, string>> {
  if (allowed.size === 0) return {};
  const origin = allowedOrigin(request, allowed);
  // A cache must not give one origin the answer for another.
  if (origin === null) return { Vary: "Origin" };
  return {
    Vary: "Origin",
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": exposed,
  };
}

/**
 * Answers a preflight: a browser asks whether a page of another origin may send a request. Null if it is not a
 * preflight, or the page may not.
 *
 * @param methods The methods that exist at this path.
 */
export function preflightAnswer(
  request: IncomingMessage,
  methods: string,
  allowed: ReadonlySet<string>,
): Answer | null {
  const asks =
    request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined;
  if (!asks || allowedOrigin(request, allowed) === null) return null;
  const toPrivate = request.headers["access-control-request-private-network"] === "true";
  return {
    status: 204,
    headers: {
      "Access-Control-Allow-Methods": methods,
      "Access-Control-Allow-Headers": allowedHeaders,
      "Access-Control-Max-Age": preflightMaxAgeSec,
      // For a public page that uses a server on this machine.
      ...(toPrivate && { "Access-Control-Allow-Private-Network": "true" }),
    },
    body: "",
  };
}
