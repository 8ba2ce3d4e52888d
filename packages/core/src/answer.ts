import { declaredErrors, errorBody, type DeclaredStatus } from "./declared-errors.js";
import { Mismatch } from "./decode.js";
import {
  SfcDefaultError,
  WorkspaceRequiredError,
  type HttpMeta,
  type SfcError,
} from "./http-errors.js";
import { declaredStatus, type Operation } from "./operations.js";
import type { BodyText } from "./read-body.js";
import { ERR, OK, type Result } from "./result.js";
import type { Call } from "./send.js";
import { ResponseValidationError } from "./validation-errors.js";
import { lacksWorkspace } from "./workspace-required.js";

/** An answer whose body has been read. */
export interface Answer {
  readonly request: Request;
  readonly response: Response;
  readonly body: BodyText;
}

/** How much of an answer's body is read: an error's is for people, and a list of 200 fits in 1 MiB. */
export function maxBodyBytes(operation: Operation<unknown>, status: number): number {
  return status === operation.success ? 2 ** 20 : 2 ** 16;
}

/** Turns an answer into the operation's result or error. Errors hold no token and no query of a URL. */
export function readAnswer<T>(
  operation: Operation<T>,
  { request, response, body }: Answer,
  call: Call,
): Result<T, SfcError> {
  const meta = (): HttpMeta => {
    const cut = body.cut ? ` ...cut at ${maxBodyBytes(operation, response.status)} bytes` : "";
    return { request, response, body: call.redact(body.text) + cut };
  };
  if (response.status !== operation.success) return ERR(errorOf(call, meta(), body.cut));
  try {
    return OK(operation.answer(parse(body.text, body.cut), ""));
  } catch (mismatch) {
    return ERR(invalidAnswer(meta(), mismatch));
  }
}

function errorOf(call: Call, meta: HttpMeta, cut: boolean): SfcError {
  const { status, type } = meta.response;
  if (type === "opaqueredirect" || (status >= 300 && status < 400)) {
    return new SfcDefaultError(
      "Redirects are not followed, because the token would be sent to the new address",
      meta,
    );
  }
  const declared = declaredStatus(call.operation, call.client.apiVersion, status);
  return declared === undefined ? otherError(meta, cut) : declaredError(call, declared, meta, cut);
}

function declaredError(call: Call, status: DeclaredStatus, meta: HttpMeta, cut: boolean): SfcError {
  try {
    const data = errorBody(parse(meta.body, cut), "");
    const Declared = lacksWorkspace(call, status, data)
      ? WorkspaceRequiredError
      : declaredErrors[status];
    return new Declared(data, meta);
  } catch (mismatch) {
    // A proxy's page says nothing about the contract.
    const isJson = /\bjson\b/i.test(meta.response.headers.get("content-type") ?? "");
    return isJson ? invalidAnswer(meta, mismatch) : otherError(meta, cut);
  }
}

function otherError(meta: HttpMeta, cut: boolean): SfcDefaultError {
  const odd =
    meta.response.status < 400 ? "Unexpected Status or Content-Type" : "API error occurred";
  return new SfcDefaultError(cut ? `${odd}, its body was cut at 64 KiB` : odd, meta);
}

/** The engine's own message would quote the text. */
function parse(text: string, cut: boolean): unknown {
  if (cut) throw new Mismatch("", "a shorter body", text, "one that was cut");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Mismatch("", "JSON", text, text ? "a text that is none" : "an empty body");
  }
}

/** The error of an answer that is not the contract's. */
export function invalidAnswer(
  meta: HttpMeta,
  cause: unknown,
  rawValue: unknown = jsonOrText(meta.body),
): ResponseValidationError {
  const rawMessage = "Response validation failed";
  const why = cause instanceof Mismatch ? cause.message : "it could not be read";
  return new ResponseValidationError(`${rawMessage}: ${why}`, {
    ...meta,
    cause,
    rawMessage,
    rawValue,
  });
}

function jsonOrText(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}
