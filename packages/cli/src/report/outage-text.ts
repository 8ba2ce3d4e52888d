import { connectionReason } from "@img/core/models/errors";
import type { TransferProgress } from "@img/node-fs";
import { formatBytes } from "./bytes.js";
import { formatSeconds } from "./durations.js";
import { printable } from "./text-width.js";

/**
 * Returns what to show during an outage instead of rate and time left, the most important first; null if there
 * is none.
 */
export function outageSentences(progress: TransferProgress | null): readonly string[] | null {
  if (progress?.outage === undefined) return null;
  const { reason, isReachable, retryInMs, giveUpInMs, webServer } = progress.outage;
  const server = webServer === undefined ? "Server" : `Server ${printable(webServer)}`;
  const why = reasonWords(reason) ?? reason.split(": ").at(-1)!.replace(/\.$/, "");
  const retry = retryInMs > 0 ? `Retrying in ${seconds(retryInMs)}` : "Retrying";
  return [
    `${server} ${isReachable ? "not ready" : "not reachable"} (${printable(why)}).`,
    `${retry}, giving up in ${seconds(giveUpInMs)}.`,
    ...(progress.doneBytes > 0 ? [`${formatBytes(progress.doneBytes)} are safe.`] : []),
  ];
}

/** Returns the words for a platform's code in a text; undefined if it has no known code. */
export const reasonWords = (text: string): string | undefined =>
  (text.match(/\b[A-Z][A-Z\d]*(?:_[A-Z\d]+)*\b/g) ?? []).map(connectionReason).find(Boolean);

const seconds = (ms: number): string => formatSeconds(Math.max(0, Math.ceil(ms / 1000)));
