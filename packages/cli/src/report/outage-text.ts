import { connectionReason } from "@img/core/models/errors";
import type { TransferProgress } from "@img/node-fs";
import { formatBytes } from "./bytes.js";
import { formatSeconds } from "./durations.js";
import { printable } from "./text-width.js";

/** What to show in the place of rate and time left, the most important first; null while there is no outage. */
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

/** The words for the platform's code in a text; undefined if it has none that is known. */
export const reasonWords = (text: string): string | undefined =>
  (text.match(/\b[A-Z][A-Z\d]*(?:_[A-Z\d]+)*\b/g) ?? []).map(connectionReason).find(Boolean);

const seconds = (ms: number): string => formatSeconds(Math.max(0, Math.ceil(ms / 1000)));
