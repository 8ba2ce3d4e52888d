import type { DiskDescription, Outage, TransferProgress } from "@img/browser-blob";
import type { Moved, Task, TransferState } from "./transfer-state.js";
import { bytes, duration } from "./words.js";

const limits: Readonly<Record<string, string>> = {
  disk: "reading the file",
  digest: "computing the SHA-256",
  network: "the network",
  server: "the server",
  "rate-limit": "the rate limit",
  retry: "retries",
};

/** Returns the state of a transfer in a word. */
export function stateText(state: TransferState, kind: Task["kind"]): string {
  const words: Readonly<Record<TransferState["at"], string>> = {
    checking: "Checking",
    ready: "Ready",
    queued: "Queued",
    running: kind === "upload" ? "Uploading" : "Downloading",
    paused: "Paused",
    done: "Done",
    kept: "Not saved yet",
    failed: "Failed",
  };
  return words[state.at];
}

/** Describes a disk, as `qcow2, 2.2 GiB in a disk of 20.0 GiB`. */
export const diskText = ({ format, dataBytes, sizeBytes }: DiskDescription): string =>
  `${format}, ${bytes(dataBytes)} in a disk of ${bytes(sizeBytes)}`;

/** Describes a finished transfer. Its rate counts what moved in this session, not what was there before. */
export function doneText(moved: Moved, kind: Task["kind"]): string {
  const { sizeBytes, movedBytes, elapsedMs, verified } = moved;
  const rate = `${bytes(movedBytes / Math.max(1, elapsedMs / 1000))}/s`;
  const took = `in ${duration(elapsedMs)}, ${rate}`;
  const now = `${bytes(movedBytes)} ${kind === "upload" ? "sent" : "received"} now ${took}`;
  const what = kind === "upload" ? "Uploaded" : "Downloaded";
  if (movedBytes === 0) return `${what} already`;
  const how = movedBytes === sizeBytes ? took : `· ${now}`;
  const check = verified ? "" : " · not verified: the server gave no SHA-256";
  return `${what} ${bytes(sizeBytes)} ${how}${check}`;
}

/** Describes an outage: without a rate and a time left, since nothing moves. */
function outageText(outage: Outage, safeBytes: number): string {
  const { reason, isReachable, failedTries, retryInMs, giveUpInMs } = outage;
  const what = isReachable ? `The server refused: ${reason}.` : "Server not reachable.";
  const next = retryInMs < 500 ? "Retrying now" : `Retrying in ${duration(retryInMs)}`;
  const limit = `try ${failedTries + 1}, giving up in ${duration(giveUpInMs)}`;
  const safe = safeBytes === 0 ? "" : ` ${bytes(safeBytes)} are safe.`;
  return `${what} ${next} (${limit}).${safe}`;
}

/** Describes a running transfer. @param moved How much has moved, in words. */
export function runningText(moved: string, progress: TransferProgress, kind: Task["kind"]): string {
  const { phase, sizeBytes, doneBytes, inFlightBytes, digestedBytes } = progress;
  if (progress.outage !== undefined) return outageText(progress.outage, doneBytes);
  if (phase === "preparing") return "Preparing";
  if (phase === "rereading") return `Verifying the file: ${moved}`;
  if (phase === "verifying") return `Verifying the image: ${moved}`;
  if (phase === "finishing") return `${moved} · finishing`;
  if (doneBytes + inFlightBytes >= sizeBytes && digestedBytes < sizeBytes) {
    const what = kind === "upload" ? "file" : "download";
    return `Verifying the ${what}: ${bytes(digestedBytes)} of ${bytes(sizeBytes)}`;
  }
  return `${moved} · ${rateText(progress)}`;
}

function rateText({ bytesPerSecond, etaMs, limitedBy }: TransferProgress): string {
  const eta = etaMs === null ? "" : ` · ${duration(etaMs)} left`;
  const limit = limitedBy === null ? "" : ` · limited by ${limits[limitedBy] ?? limitedBy}`;
  return `${bytes(bytesPerSecond)}/s${eta}${limit}`;
}
