import {
  ConnectionError,
  RequestTimeoutError,
  ResponseValidationError,
  SfcError,
} from "@img/core/models/errors";
import { ApiRefusedError, NotAuthorizedError } from "../errors.js";
import type { Failure } from "../retry.js";

/** The HTTP status of an error of the API; null if there was no answer. */
export const statusOf = (error: unknown): number | null =>
  error instanceof SfcError && !(error instanceof ResponseValidationError)
    ? error.statusCode
    : null;

/**
 * Translates core's error for the retry rules; null if a retry cannot help.
 *
 * @param reached Whether the service has answered before in this run.
 */
export function failureOf(error: unknown, reached: boolean): Failure | null {
  if (error instanceof RequestTimeoutError) return { kind: "idle", reason: "no-answer", reached };
  if (error instanceof ConnectionError) {
    return { kind: "connection", reason: platformCode(error), staleSocket: false, reached };
  }
  if (error instanceof ResponseValidationError) return { kind: "unreadable", why: error.message };
  if (error instanceof SfcError) {
    return { kind: "api", status: error.statusCode, retryAfter: error.headers.get("retry-after") };
  }
  return null;
}

/** Returns the error to throw when a call is given up. */
export function refusal(what: string, error: unknown): Error {
  if (statusOf(error) === 401) return new NotAuthorizedError({ cause: error });
  return new ApiRefusedError(`Could not ${what}: ${whyOf(error)}`, { cause: error });
}

export const whyOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** The innermost code of an error's causes, such as ECONNREFUSED; empty if there is none. */
function platformCode(error: unknown): string {
  let code = "";
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const own = (at as { code?: unknown }).code;
    if (typeof own === "string") code = own;
  }
  return code;
}
