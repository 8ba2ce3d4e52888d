import { ApiError, apiErrorAnswer, ObjectError, xmlErrorAnswer } from "./answer.js";
import type { Answer } from "./answer.js";
import type { Call, Handler } from "./call.js";
import { ClientGoneError } from "./exchange.js";
import type { Exchange } from "./exchange.js";
import type { Failures } from "./failures.js";

/** Turns what a handler throws into answers. Rejects only if the client is gone. */
export const withRefusals =
  (handler: Handler, failed: Failures) =>
  (call: Call, exchange: Exchange): Promise<Answer> =>
    handler(call).catch((error: unknown) => refusal(error, exchange, failed));

/**
 * Returns the answer for an error. A failure of the server is a 500 without details.
 *
 * @throws The error, if there is no client that could be answered.
 */
export function refusal(error: unknown, exchange: Exchange, failed: Failures): Answer {
  if (exchange.isCut || error instanceof ClientGoneError) throw error;
  if (isRefusal(error)) return errorAnswer(error, exchange);
  const { requestId } = exchange;
  failed.ofRequest(requestId, error);
  return errorAnswer(
    new ApiError(500, `Internal server error. See the server's log, request ${requestId}.`),
    exchange,
  );
}

/** Whether an error is an ordinary refusal and not a failure of the server. */
export const isRefusal = (error: unknown): error is ApiError | ObjectError =>
  error instanceof ApiError || error instanceof ObjectError;

function errorAnswer(error: ApiError | ObjectError, { errors }: Exchange): Answer {
  if (error instanceof ObjectError) return xmlErrorAnswer(error);
  if (errors === "json") return apiErrorAnswer(error);
  const code = XML_CODES[error.status] ?? "AccessDenied";
  return xmlErrorAnswer(new ObjectError(error.status, code, error.message));
}

const XML_CODES: Readonly<Record<number, string>> = {
  400: "InvalidRequest",
  404: "NoSuchKey",
  405: "MethodNotAllowed",
  500: "InternalError",
};
