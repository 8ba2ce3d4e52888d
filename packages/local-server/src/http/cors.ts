import type { IncomingMessage } from "node:http";
import type { Answer } from "./answer.js";

/** The headers that a page may read: without `ETag` there is no receipt. */
const exposed = ["Accept-Ranges", "Content-Range", "Date", "ETag", "Retry-After"].join(", ");

/** What a page's requests say beside what every request may. */
const allowedHeaders = ["Authorization", "Content-Type", "If-Match", "Range"].join(", ");

/** Chromium keeps it for 2 hours at most. */
const preflightMaxAgeSec = "7200";

/** The origin of a page that may use the server from elsewhere; null for all others, and without one. */
function allowedOrigin({ headers }: IncomingMessage, allowed: ReadonlySet<string>): string | null {
  const { origin } = headers;
  return origin !== undefined && allowed.has(origin) ? origin : null;
}

/**
 * What each answer says to the browser. The origin by its name, never `*`; and no credentials: the
 * token is a header of the page's own, and cookies there are none.
 */
export function corsHeaders(
  request: IncomingMessage,
  allowed: ReadonlySet<string>,
): Readonly<Record<string, string>> {
  if (allowed.size === 0) return {};
  const origin = allowedOrigin(request, allowed);
  // A cache must not give one origin the answer that another got.
  if (origin === null) return { Vary: "Origin" };
  return {
    Vary: "Origin",
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": exposed,
  };
}

/**
 * The answer to a browser that asks whether a page of another origin may send what it wants to send;
 * null where nobody asks that, or the answer is no.
 *
 * @param methods What there is at this path.
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
      // A public page of another site that uses a server on this machine.
      ...(toPrivate && { "Access-Control-Allow-Private-Network": "true" }),
    },
    body: "",
  };
}
