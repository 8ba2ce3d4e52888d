import type { WireErrorDetail, WireErrorType } from "@img/core/wire";

/** The answer to a call, before it is sent. Faults may still change it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body. A slice of an iterable is sent before the next one is requested. */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
}

const ERROR_TYPES: Readonly<Record<number, WireErrorType>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "forbidden",
  404: "not_found",
  405: "invalid_request_error",
  409: "conflict",
};

/** A call of the API that is refused. It is answered with the contract's error body. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly details: readonly WireErrorDetail[];

  constructor(status: number, message: string, details: readonly WireErrorDetail[] = []) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/** A call of the object store that is refused. It is answered with S3's XML. */
export class ObjectError extends Error {
  override readonly name = "ObjectError";
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function json(status: number, value: unknown): Answer {
  return textAnswer(status, "application/json; charset=utf-8", JSON.stringify(value));
}

/** Makes an answer that contains a presigned URL, which is a password: no cache may keep it. */
export function secretJson(value: unknown): Answer {
  const answer = json(200, value);
  return { ...answer, headers: { ...answer.headers, "Cache-Control": "no-store" } };
}

export function apiErrorAnswer(error: ApiError): Answer {
  const type = ERROR_TYPES[error.status] ?? "api_error";
  const { message, details } = error;
  const withDetails = error.status === 400 || error.status === 409;
  return json(error.status, { error: { type, message, ...(withDetails && { details }) } });
}

export function xmlErrorAnswer(error: ObjectError): Answer {
  const { status, code, message, headers } = error;
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escape(code)}</Code><Message>${escape(message)}</Message></Error>`;
  const answer = textAnswer(status, "application/xml", text);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

export function textAnswer(status: number, type: string, text: string): Answer {
  const length = String(Buffer.byteLength(text));
  return { status, headers: { "Content-Type": type, "Content-Length": length }, body: text };
}

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
