import type { Failure } from "../retry.js";
import type { Outage } from "../progress.js";

/** The last failure after which a request waits for its next try. */
export interface Setback {
  readonly reason: string;
  readonly isReachable: boolean;
  readonly failedTries: number;
  readonly retryAtMs: number;
  readonly giveUpAtMs: number;
  /** Bytes that had moved at that time. The setback is over when more have. */
  readonly movedBytes: number;
}

/** Whether a failure is an answer of the other side, such as a refusal. */
export const isAnswer = ({ kind }: Failure): boolean => kind !== "connection" && kind !== "idle";

/** Returns what progress reports of a setback; null once something has moved. Pure. */
export function outageOf(
  setback: Setback | null,
  movedBytes: number,
  nowMs: number,
): Outage | null {
  if (setback === null || movedBytes > setback.movedBytes) return null;
  const { reason, isReachable, failedTries, retryAtMs, giveUpAtMs } = setback;
  return {
    reason,
    isReachable,
    failedTries,
    retryInMs: Math.max(0, retryAtMs - nowMs),
    giveUpInMs: Math.max(0, giveUpAtMs - nowMs),
  };
}
