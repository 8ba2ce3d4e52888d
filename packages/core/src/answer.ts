import { declaredErrors, errorBody, type DeclaredStatus } from "./declared-errors.js";
import { Mismatch } from "./decode.js";
import { SfcDefaultError, type HttpMeta, type SfcError } from "./http-errors.js";
import type { Operation } from "./operations.js";
import type { BodyText } from "./read-body.js";
import type { Redact } from "./redact.js";
import { ERR, OK, type Result } from "./result.js";
import { ResponseValidationError } from "./validation-errors.js";

/** A whole answer: its body has been read. */
export interface Answer {
  readonly request: Request;
  readonly response: Response;
  readonly body: BodyText;
}

/** How much of an answer's body is read: an error's is for people, and a list of 200 fits in 1 MiB. */
export function maxBodyBytes(operation: Operation<unknown>, status: number): number {
  return status === operation.success ? 2 ** 20 : 2 ** 16;
}

/** What an answer means for an operation. Errors hold no token and no query of a URL. */
export function readAnswer<T>(
  operation: Operation<T>,
  { request, response, body }: Answer,
  redact: Redact,
): Result<T, SfcError> {
  const meta = (): HttpMeta => {
    const cut = body.cut ? ` ...cut at ${maxBodyBytes(operation, response.status)} bytes` : "";
    return { request, response, body: redact(body.text) + cut };
  };
  if (response.status !== operation.success) return ERR(errorOf(operation, meta(), body.cut));
  try {
    return OK(operation.answer(parse(body.text, body.cut), ""));
  } catch (mismatch) {
    return ERR(invalid(meta(), mismatch));
  }
}

function errorOf(operation: Operation<unknown>, meta: HttpMeta, cut: boolean): SfcError {
  const { status, type } = meta.response;
  if (type === "opaqueredirect" || (status >= 300 && status < 400)) {
    return new SfcDefaultError("A redirect is not followed, the token would go with it", meta);
  }
  const declared = operation.errors.find((code) => code === status);
  if (declared === undefined) {
    const odd = status < 400 ? "Unexpected Status or Content-Type" : "API error occurred";
    return new SfcDefaultError(cut ? `${odd}, its body was cut at 64 KiB` : odd, meta);
  }
  return declaredError(declared, meta, cut);
}

function declaredError(status: DeclaredStatus, meta: HttpMeta, cut: boolean): SfcError {
  try {
    return new declaredErrors[status](errorBody(parse(meta.body, cut), ""), meta);
  } catch (mismatch) {
    // A proxy's page says nothing about the contract.
    const isJson = /\bjson\b/i.test(meta.response.headers.get("content-type") ?? "");
    if (isJson) return invalid(meta, mismatch);
    return new SfcDefaultError(
      `API error occurred${cut ? ", its body was cut at 64 KiB" : ""}`,
      meta,
    );
  }
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

function invalid(meta: HttpMeta, cause: unknown): ResponseValidationError {
  const rawMessage = "Response validation failed";
  const why = cause instanceof Mismatch ? cause.message : "it could not be read";
  return new ResponseValidationError(`${rawMessage}: ${why}`, {
    ...meta,
    cause,
    rawMessage,
    rawValue: jsonOrText(meta.body),
  });
}

function jsonOrText(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}
