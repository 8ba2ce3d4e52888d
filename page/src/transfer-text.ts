import type { TransferProgress } from "@img/browser-blob";
import type { Task, TransferState } from "./transfer.js";
import { bytes, duration } from "./words.js";

const limits: Readonly<Record<string, string>> = {
  disk: "reading the file",
  digest: "hashing",
  network: "the network",
  server: "the server",
  "rate-limit": "the limit",
  retry: "retries",
};

/** What a finished transfer came to. Its rate is of what moved in this session, not of what was there before. */
export function doneText(state: TransferState & { at: "done" }, kind: Task["kind"]): string {
  const { sizeBytes, movedBytes, elapsedMs, sha256, verified } = state;
  const rate = `${bytes(movedBytes / Math.max(1, elapsedMs / 1000))}/s`;
  const now = `${bytes(movedBytes)} ${kind === "upload" ? "sent" : "received"} now`;
  const took = `in ${duration(elapsedMs)}, ${rate}`;
  const moved = movedBytes === sizeBytes ? took : movedBytes === 0 ? "" : `· ${now} ${took}`;
  return `${bytes(sizeBytes)} ${moved} · SHA-256 ${verified ? "" : "(not given by the server) "}${sha256}`;
}

/** @param moved How much has moved, in words. */
export function runningText(moved: string, progress: TransferProgress, kind: Task["kind"]): string {
  const { phase, sizeBytes, doneBytes, inFlightBytes, digestedBytes } = progress;
  if (phase === "rereading") return `verifying the file: ${moved}`;
  if (phase === "verifying") return `verifying the image: ${moved}`;
  if (phase !== "moving") return `${moved} · ${phase}`;
  if (doneBytes + inFlightBytes >= sizeBytes && digestedBytes < sizeBytes) {
    const what = kind === "upload" ? "file" : "download";
    return `verifying the ${what}: ${bytes(digestedBytes)} of ${bytes(sizeBytes)}`;
  }
  return `${moved} · ${rateText(progress)}`;
}

function rateText({ bytesPerSecond, etaMs, limitedBy }: TransferProgress): string {
  const eta = etaMs === null ? "" : ` · ${duration(etaMs)} left`;
  const limit = limitedBy === null ? "" : ` · limited by ${limits[limitedBy] ?? limitedBy}`;
  return `${bytes(bytesPerSecond)}/s${eta}${limit}`;
}
