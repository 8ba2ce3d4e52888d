import {
  ConnectionError,
  RequestTimeoutError,
  ResponseValidationError,
  SfcError,
} from "@img/core/models/errors";
import { ApiRefusedError, NotAuthorizedError } from "../errors.js";
import type { Outcome } from "../request/persist.js";
import type { Failure } from "../retry.js";
import type { Run } from "../run/run.js";

/** How long one request to the API may take. */
export const apiTimeoutMs = 30_000;

/** Core's options for one try: the engine does the retries. */
interface OneTry {
  readonly fetchOptions: { readonly signal: AbortSignal };
  readonly tryTimeoutMs: number;
  readonly retries: { readonly strategy: "none" };
}

/** The result of one of core's calls. */
type Answer<T> = { ok: true; value: T } | { ok: false; error: Error };

/** Sends a request by the client of the API. */
export type Send<T> = (options: OneTry) => Promise<Answer<T>>;

/**
 * Makes one try of a call of the API.
 *
 * @param call What is to be done, for messages, such as "start the upload".
 * @throws The error of a call that no other try can help.
 */
export async function ask<T>(
  { platform, reached }: Run,
  signal: AbortSignal,
  call: string,
  send: Send<T>,
): Promise<Outcome<T>> {
  const work = (): Promise<Answer<T>> =>
    send({
      fetchOptions: { signal },
      tryTimeoutMs: apiTimeoutMs,
      retries: { strategy: "none" },
    });
  const errorIn = (answer: Answer<T>): Error | null => (answer.ok ? null : answer.error);
  const answer = await (platform.traced?.({ kind: "call", call }, work, errorIn) ?? work());
  signal.throwIfAborted();
  if (answer.ok) {
    reached.api = true;
    return answer;
  }
  const failure = failureOf(answer.error, reached.api);
  const error = refusal(call, answer.error);
  if (failure === null) throw error;
  if (failure.kind === "api" || failure.kind === "unreadable") reached.api = true;
  return { ok: false, failure, reachedBytes: 0, error };
}

/**
 * Translates core's error for the retry rules; null if a retry cannot help.
 *
 * @param reached Whether the service has answered before in this run.
 */
function failureOf(error: Error, reached: boolean): Failure | null {
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

/** The error to throw when a call is given up. Its cause is core's error. */
function refusal(call: string, cause: Error): Error {
  const isToken =
    cause instanceof SfcError &&
    !(cause instanceof ResponseValidationError) &&
    cause.statusCode === 401;
  if (isToken) return new NotAuthorizedError({ cause });
  return new ApiRefusedError(`Could not ${call}: ${cause.message}`, { cause });
}

/** The innermost code of an error's causes, such as ECONNREFUSED; empty if there is none. */
function platformCode(error: unknown): string {
  let code = "";
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const own = (at as { code?: unknown }).code;
    if (typeof own === "string") code = own;
  }
  return code;
}
