import {
  ConnectionError,
  HTTPClientError,
  RequestAbortedError,
  RequestTimeoutError,
  UnexpectedClientError,
} from "./client-errors.js";
import type { Redact } from "./redact.js";

/** What a fetcher, or a hook, threw: as one of our errors, of which it is the cause. */
export function clientError(error: unknown, redact: Redact): HTTPClientError {
  if (error instanceof HTTPClientError) return error;
  const options = { cause: error, redact };
  if (isAbortError(error)) return new RequestAbortedError("Request aborted by client", options);
  if (isTimeoutError(error)) return new RequestTimeoutError("Request timed out", options);
  if (isConnectionError(error)) return new ConnectionError("Unable to make request", options);
  return new UnexpectedClientError("Unexpected HTTP client error", options);
}

// Node, Chromium, Firefox and Safari; Bun and node:net say it in `name` and `code`.
const fetchFailed = /^(fetch failed|failed to fetch|networkerror|load failed|terminated)/i;

/** Whether what a fetcher threw says that its signal ended it. */
export const isAbortError = (error: unknown): boolean => asError(error).name === "AbortError";

/** Whether what a fetcher threw says that its time was over. */
export const isTimeoutError = (error: unknown): boolean => asError(error).name === "TimeoutError";

/** Whether what a fetcher threw says that no connection could be made, or that it broke off. */
export function isConnectionError(error: unknown): boolean {
  // By name and code, not by class: the error may come from another realm.
  const { name, message, code } = asError(error);
  if (name === "TypeError" && fetchFailed.test(String(message))) return true;
  if (name === "ConnectionError") return true;
  return typeof code === "string" && /^(E[A-Z_]+|UND_ERR_\w+|Connection\w+)$/.test(code);
}

function asError(error: unknown): { name?: unknown; message?: unknown; code?: unknown } {
  return typeof error === "object" && error !== null ? error : {};
}
