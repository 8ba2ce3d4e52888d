import { apiErrorAnswer, ApiError, ObjectError, xmlErrorAnswer } from "../http/answer.js";
import type { Answer } from "../http/answer.js";
import { cutAfter, drained, flippedAt, resized, slowed } from "./changed-body.js";
import type { Body } from "./changed-body.js";
import type { Call } from "../http/call.js";
import type { Connection } from "../http/exchange.js";
import type { AnswerFault, Fault } from "./faults.js";

/** What a fault needs to do its harm. */
export interface Victim {
  readonly call: Call;
  readonly connection: Connection;
  /** Answers the call as it ought to be. */
  readonly work: (call: Call) => Promise<Answer>;
  /** Makes an image `failed`. */
  readonly markFailed: (id: string) => Promise<void>;
}

/** @returns What is to be sent; undefined where the connection has been dealt with. */
export async function misbehave(fault: Fault, victim: Victim): Promise<Answer | undefined> {
  const { call, connection, work } = victim;
  switch (fault.do) {
    case "reset":
    case "fin":
    case "stall":
      return breakOff(fault, victim);
    case "lose-answer":
      await work(call);
      return endBy(connection, fault.by === "silence" ? "stall" : (fault.by ?? "reset"));
    case "answer":
      return anotherAnswer(fault, victim);
    case "delay":
      return connection.after(fault.ms, await work(call));
    case "trickle":
      return changeBody(victim, (body) =>
        slowed(body, fault.bytesPerSec, fault.afterBytes ?? 0, () => connection.checkOpen()),
      );
    case "headers":
      return withHeaders(await work(call), fault.headers);
    case "ignore-range":
      return work({ ...call, headers: { ...call.headers, range: undefined } });
    case "flip-bit":
      return changeBody(victim, (body) => flippedAt(body, fault.atByte ?? 0));
    case "resize":
      return resizedAnswer(await work(call), fault.byBytes);
    case "edit":
      return edited(await work(call), fault.json);
    case "mark-failed":
      await victim.markFailed(call.id);
      return work(call);
  }
}

type Ending = "reset" | "fin" | "stall";

async function breakOff(
  fault: { readonly do: Ending; readonly afterBytes?: number | undefined },
  victim: Victim,
): Promise<Answer | undefined> {
  const { call, connection, work } = victim;
  const end = () => endBy(connection, fault.do);
  if (fault.afterBytes === undefined) return end();
  if (call.operation !== "download") {
    await drained(cutAfter(call.body, fault.afterBytes));
    return end();
  }
  const answer = await work(call);
  return { ...answer, body: cutAfter(bytesOf(answer.body), fault.afterBytes, end) };
}

async function endBy(connection: Connection, ending: Ending): Promise<undefined> {
  if (ending === "stall") await connection.hold();
  else if (ending === "fin") await connection.finish();
  else connection.reset();
}

async function anotherAnswer(fault: AnswerFault, victim: Victim): Promise<Answer | undefined> {
  const { call, connection, work } = victim;
  const answer = madeUp(fault, call);
  if (fault.when === "early") {
    await connection.sendUnread(answer);
    return endBy(connection, fault.socket === "reset" ? "reset" : "stall");
  }
  if (fault.when === "after-work") await work(call);
  else await drained(call.body);
  return answer;
}

const CODES: Readonly<Record<number, string>> = {
  403: "AccessDenied",
  404: "NoSuchUpload",
  412: "PreconditionFailed",
  416: "InvalidRange",
  429: "TooManyRequests",
  500: "InternalError",
  503: "SlowDown",
};

function madeUp(fault: AnswerFault, call: Call): Answer {
  const { status, code = CODES[status] ?? `Status${status}` } = fault;
  const isObject = call.operation === "part" || call.operation === "download";
  const message = `This ${code} was ordered.`;
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

async function changeBody(victim: Victim, change: (body: Body) => Body): Promise<Answer> {
  const { call, work } = victim;
  if (call.operation === "part") return work({ ...call, body: change(call.body) });
  const answer = await work(call);
  return { ...answer, body: change(bytesOf(answer.body)) };
}

function withHeaders(answer: Answer, changes: Readonly<Record<string, string | null>>): Answer {
  const changed = new Set(Object.keys(changes).map((name) => name.toLowerCase()));
  const kept = Object.entries(answer.headers).filter(([name]) => !changed.has(name.toLowerCase()));
  const set = Object.entries(changes).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  );
  return { ...answer, headers: Object.fromEntries([...kept, ...set]) };
}

function resizedAnswer(answer: Answer, byBytes: number): Answer {
  const bytes = Math.max(0, Number(answer.headers["Content-Length"]) + byBytes);
  const sized = withHeaders(answer, { "Content-Length": String(bytes) });
  return { ...sized, body: resized(bytesOf(answer.body), bytes) };
}

function edited(answer: Answer, change: Extract<Fault, { do: "edit" }>["json"]): Answer {
  // The API's answers are JSON objects, made as one text.
  const value = JSON.parse(answer.body as string) as Record<string, unknown>;
  const body = JSON.stringify(
    typeof change === "function" ? change(value) : { ...value, ...change },
  );
  const sized = withHeaders(answer, { "Content-Length": String(Buffer.byteLength(body)) });
  return { ...sized, body };
}

const bytesOf = (body: Answer["body"]): Body =>
  typeof body === "string" || body instanceof Uint8Array ? oneSlice(Buffer.from(body)) : body;

async function* oneSlice(bytes: Uint8Array): Body {
  yield bytes;
}
