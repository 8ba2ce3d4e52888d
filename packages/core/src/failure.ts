import {
  ConnectionError,
  HTTPClientError,
  RequestAbortedError,
  RequestTimeoutError,
  UnexpectedClientError,
} from "./client-errors.js";
import { redactedCause, type Redact } from "./redact.js";

/** What a fetcher, or a hook, threw: as one of our errors, without what it may hold. */
export function clientError(error: unknown, redact: Redact): HTTPClientError {
  if (error instanceof HTTPClientError) return error;
  const cause = redactedCause(error, redact);
  const { name } = asError(error);
  if (name === "AbortError") return new RequestAbortedError("Request aborted by client", { cause });
  if (name === "TimeoutError") return new RequestTimeoutError("Request timed out", { cause });
  if (isConnectionFailure(error)) return new ConnectionError("Unable to make request", { cause });
  return new UnexpectedClientError("Unexpected HTTP client error", { cause });
}

// Node, Chromium, Firefox and Safari; Bun and node:net say it in `name` and `code`.
const fetchFailed = /^(fetch failed|failed to fetch|networkerror|load failed|terminated)/i;

/** By name and code, not by class: the error may come from another realm. */
function isConnectionFailure(error: unknown): boolean {
  const { name, message, code } = asError(error);
  if (name === "TypeError" && fetchFailed.test(String(message))) return true;
  if (name === "ConnectionError") return true;
  return typeof code === "string" && /^(E[A-Z_]+|UND_ERR_\w+|Connection\w+)$/.test(code);
}

function asError(error: unknown): { name?: unknown; message?: unknown; code?: unknown } {
  return typeof error === "object" && error !== null ? error : {};
}
