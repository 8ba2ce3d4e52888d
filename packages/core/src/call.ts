import { readAnswer } from "./answer.js";
import { APIPromise, type APICall } from "./api-promise.js";
import { ConnectionError, RequestTimeoutError, type HTTPClientError } from "./client-errors.js";
import { SfcCore } from "./core.js";
import { wait } from "./deadline.js";
import { Mismatch } from "./decode.js";
import { clientError } from "./failure.js";
import type { SfcError } from "./http-errors.js";
import type { Operation } from "./operations.js";
import { resolveCall, type RequestOptions } from "./options.js";
import { redactor } from "./redact.js";
import { ERR, OK, type Result } from "./result.js";
import { defaultBackoff, matchesStatus, nextWaitMs, retryAfterMs } from "./retries.js";
import { sendOnce, type Call, type Tried } from "./send.js";
import { SDKValidationError } from "./validation-errors.js";

/** Every way in which a call can fail; the API's own errors are subclasses of `SfcError`. */
export type CallError = SfcError | HTTPClientError | SDKValidationError;

/**
 * One operation as a function that takes a client, checks its input and never rejects: what the API or the network did
 * is in its result.
 */
export type ApiFunction<Request, Answer> = (
  client: SfcCore,
  request: Request,
  options?: RequestOptions,
) => APIPromise<Result<Answer, CallError>>;

/** The function of an operation. */
export const apiFunction =
  <Request, Answer>(operation: Operation<Answer>): ApiFunction<Request, Answer> =>
  (client, request, options) =>
    callApi(client, operation, request, options);

/** Does one operation: checks the input, sends it, tries again where configured, reads the answer. */
export function callApi<T>(
  core: SfcCore,
  operation: Operation<T>,
  input: unknown,
  options?: RequestOptions,
): APIPromise<Result<T, CallError>> {
  return new APIPromise(run(core, operation, input, options ?? {}));
}

async function run<T>(
  core: SfcCore,
  operation: Operation<T>,
  input: unknown,
  options: RequestOptions,
): Promise<[Result<T, CallError>, APICall]> {
  const prepared = prepare(core, operation, input, options);
  if (!prepared.ok) return [prepared, { status: "invalid" }];
  const call = prepared.value;
  const tried = await tryUntilDone(call);
  if (tried.answer) {
    const { request, response } = tried.answer;
    return [readAnswer(operation, tried.answer, call), { status: "complete", request, response }];
  }
  const { error, request } = tried;
  return [ERR(error), request ? { status: "request-error", request } : { status: "invalid" }];
}

function prepare(
  core: SfcCore,
  operation: Operation<unknown>,
  given: unknown,
  options: RequestOptions,
): Result<Call, CallError> {
  const client = SfcCore.optionsOf(core);
  const tokens = new Set<string>();
  const redact = redactor(tokens);
  try {
    const input = operation.input(given, client);
    return OK({ ...resolveCall(options, client), client, operation, input, tokens, redact });
  } catch (error) {
    if (!(error instanceof Mismatch)) return ERR(clientError(error, redact));
    return ERR(new SDKValidationError("Input validation failed", error.shown(redact), given));
  }
}

async function tryUntilDone(call: Call): Promise<Tried> {
  const startMs = performance.now();
  for (let retries = 0; ; retries++) {
    const tried = await sendOnce(call);
    const waitMs = waitBeforeRetryMs(call, tried, retries, performance.now() - startMs);
    if (waitMs === undefined) return tried;
    try {
      await wait(waitMs, call.signal);
    } catch (error) {
      return { error: clientError(error, call.redact), request: tried.answer?.request };
    }
  }
}

/** Undefined if the call is not retried. */
function waitBeforeRetryMs(
  { retryConfig, retryCodes, signal }: Call,
  { answer, error }: Tried,
  retries: number,
  elapsedMs: number,
): number | undefined {
  if (retryConfig.strategy !== "backoff" || signal?.aborted) return undefined;
  const worthIt = answer
    ? matchesStatus(answer.response.status, retryCodes)
    : retryConfig.retryConnectionErrors === true &&
      (error instanceof ConnectionError || error instanceof RequestTimeoutError);
  if (!worthIt) return undefined;
  const headers = answer?.response.headers;
  // The date is compared with the answer's own clock, since ours may be wrong.
  const serverMs = Date.parse(headers?.get("date") ?? "") || Date.now();
  const afterMs = retryAfterMs(headers?.get("retry-after"), serverMs);
  return nextWaitMs(
    { retries, elapsedMs, retryAfterMs: afterMs, random: Math.random() },
    { ...defaultBackoff, ...retryConfig.backoff },
  );
}
