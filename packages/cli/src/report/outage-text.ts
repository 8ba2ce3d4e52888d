import type { TransferProgress } from "@img/node-fs";
import { formatBytes } from "./bytes.js";
import { formatSeconds } from "./durations.js";
import { printable } from "./text-width.js";

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ENOTFOUND: "the host is not known",
  EAI_AGAIN: "the DNS does not answer",
  ETIMEDOUT: "no answer",
};

/** What to show in the place of rate and time left, the most important first; null while there is no outage. */
export function outageSentences(progress: TransferProgress | null): readonly string[] | null {
  if (progress?.outage === undefined) return null;
  const { reason, isReachable, retryInMs, giveUpInMs } = progress.outage;
  const [code = ""] = /\bE[A-Z_]{4,}\b/.exec(reason) ?? [];
  const why = reasons[code] ?? reason.split(": ").at(-1)!.replace(/\.$/, "");
  const retry = retryInMs > 0 ? `Retrying in ${seconds(retryInMs)}` : "Retrying";
  return [
    `Server ${isReachable ? "not ready" : "not reachable"} (${printable(why)}).`,
    `${retry}, giving up in ${seconds(giveUpInMs)}.`,
    ...(progress.doneBytes > 0 ? [`${formatBytes(progress.doneBytes)} are safe.`] : []),
  ];
}

const seconds = (ms: number): string => formatSeconds(Math.max(0, Math.ceil(ms / 1000)));
