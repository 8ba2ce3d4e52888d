import { apiErrorAnswer, ApiError, ObjectError, xmlErrorAnswer } from "../http/answer.js";
import type { Answer } from "../http/answer.js";
import type { Call } from "../http/call.js";
import { resized } from "./changed-body.js";
import type { Body } from "./changed-body.js";
import type { AnswerFault, Fault } from "./faults.js";

const CODES: Readonly<Record<number, string>> = {
  403: "AccessDenied",
  404: "NoSuchUpload",
  412: "PreconditionFailed",
  416: "InvalidRange",
  429: "TooManyRequests",
  500: "InternalError",
  503: "SlowDown",
};

/** Makes the answer that a fault asks for. */
export function madeUp(fault: AnswerFault, call: Call): Answer {
  const { status, code = CODES[status] ?? `Status${status}` } = fault;
  const isObject = call.operation === "part" || call.operation === "download";
  const message = `Injected fault: ${code}.`;
  const standard = isObject
    ? xmlErrorAnswer(new ObjectError(status, code, message))
    : apiErrorAnswer(new ApiError(status, message));
  const body = fault.body ?? (status < 400 ? "" : standard.body);
  const length = String(Buffer.byteLength(body as string | Uint8Array));
  return {
    status,
    headers: { ...standard.headers, "Content-Length": length, ...fault.headers },
    body,
  };
}

/** Returns the answer with some headers set, or (null) removed. */
export function withHeaders(
  answer: Answer,
  changes: Readonly<Record<string, string | null>>,
): Answer {
  const changed = new Set(Object.keys(changes).map((name) => name.toLowerCase()));
  const kept = Object.entries(answer.headers).filter(([name]) => !changed.has(name.toLowerCase()));
  const set = Object.entries(changes).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  );
  return { ...answer, headers: Object.fromEntries([...kept, ...set]) };
}

/** Returns the answer with a longer or shorter body, and the matching length. */
export function resizedAnswer(answer: Answer, byBytes: number): Answer {
  const bytes = Math.max(0, Number(answer.headers["Content-Length"]) + byBytes);
  const sized = withHeaders(answer, { "Content-Length": String(bytes) });
  return { ...sized, body: resized(bytesOf(answer.body), bytes) };
}

/** Returns the answer with changed JSON. */
export function edited(answer: Answer, change: Extract<Fault, { do: "edit" }>["json"]): Answer {
  // The API's answers are JSON objects, each in one piece of text.
  const value = JSON.parse(answer.body as string) as Record<string, unknown>;
  const body = JSON.stringify(
    typeof change === "function" ? change(value) : { ...value, ...change },
  );
  const sized = withHeaders(answer, { "Content-Length": String(Buffer.byteLength(body)) });
  return { ...sized, body };
}

/** Returns a body as slices. */
export const bytesOf = (body: Answer["body"]): Body =>
  typeof body === "string" || body instanceof Uint8Array ? oneSlice(Buffer.from(body)) : body;

async function* oneSlice(bytes: Uint8Array): Body {
  yield bytes;
}
