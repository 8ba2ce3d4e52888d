import type { Answer } from "../http/answer.js";
import type { Call, ExchangeHandler } from "../http/call.js";
import { ClientGoneError } from "../http/exchange.js";
import type { Exchange } from "../http/exchange.js";
import type { BrokenConnections, Ending } from "./broken-connections.js";
import { bytesOf, edited, madeUp, resizedAnswer, withHeaders } from "./changed-answer.js";
import { cutAfter, drained, flippedAt, slowed } from "./changed-body.js";
import type { Body } from "./changed-body.js";
import type { AnswerFault, Fault, FaultPlan } from "./faults.js";

/** What a fault needs in addition to the call. */
export interface Means {
  readonly plan: FaultPlan;
  readonly connections: BrokenConnections;
  /** Makes an image `failed`. */
  readonly markFailed: (id: string) => Promise<void>;
}

/** Wraps a handler so that it applies the planned faults. */
export function withFaults(
  handler: (call: Call, exchange: Exchange) => Promise<Answer>,
  means: Means,
): ExchangeHandler {
  return (call, exchange) => {
    const fault = means.plan.pick(call);
    const work = (changed: Call) => handler(changed, exchange);
    if (fault === undefined) return work(call);
    return misbehave(fault, { ...means, call, exchange, work });
  };
}

/** A call that a fault hits. */
interface Victim extends Means {
  readonly call: Call;
  readonly exchange: Exchange;
  /** Answers the call without the fault. */
  readonly work: (call: Call) => Promise<Answer>;
}

/** Applies a fault. @returns The answer to send; undefined if the connection was already handled. */
async function misbehave(fault: Fault, victim: Victim): Promise<Answer | undefined> {
  const { call, exchange, connections, work } = victim;
  switch (fault.do) {
    case "reset":
    case "fin":
    case "stall":
      return breakOff(fault, victim);
    case "lose-answer":
      await work(call);
      return connections.end(exchange, fault.by === "silence" ? "stall" : (fault.by ?? "reset"));
    case "answer":
      return anotherAnswer(fault, victim);
    case "delay":
      return delayed(await work(call), fault.ms, exchange);
    case "trickle":
      return changeBody(victim, (body) =>
        slowed(body, fault.bytesPerSec, fault.afterBytes ?? 0, () => requireClient(exchange)),
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

async function breakOff(
  fault: { readonly do: Ending; readonly afterBytes?: number | undefined },
  { call, exchange, connections, work }: Victim,
): Promise<Answer | undefined> {
  const end = () => connections.end(exchange, fault.do);
  if (fault.afterBytes === undefined) return end();
  if (call.operation !== "download") {
    await drained(cutAfter(call.body, fault.afterBytes));
    return end();
  }
  const answer = await work(call);
  return { ...answer, body: cutAfter(bytesOf(answer.body), fault.afterBytes, end) };
}

async function anotherAnswer(
  fault: AnswerFault,
  { call, exchange, connections, work }: Victim,
): Promise<Answer | undefined> {
  const answer = madeUp(fault, call);
  if (fault.when === "early") {
    await exchange.sendUnread(answer);
    return connections.end(exchange, fault.socket === "reset" ? "reset" : "stall");
  }
  if (fault.when === "after-work") await work(call);
  else await drained(call.body);
  return answer;
}

async function changeBody({ call, work }: Victim, change: (body: Body) => Body): Promise<Answer> {
  if (call.operation === "part") return work({ ...call, body: change(call.body) });
  const answer = await work(call);
  return { ...answer, body: change(bytesOf(answer.body)) };
}

/** Resolves to the answer `ms` later. Rejects with ClientGoneError. */
function delayed(answer: Answer, ms: number, { socket }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.off("close", gone);
      resolve(answer);
    }, ms);
    const gone = () => {
      clearTimeout(timer);
      reject(new ClientGoneError());
    };
    socket.once("close", gone);
  });
}

function requireClient(exchange: Exchange): void {
  if (exchange.isCut) throw new ClientGoneError();
}
