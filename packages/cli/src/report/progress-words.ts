import type { Limit, TransferPhase, TransferProgress } from "@img/node-fs";
import { formatBytes, formatShare } from "./bytes.js";

const limits: Readonly<Record<Limit, string>> = {
  disk: "limited by the disk",
  digest: "limited by the digest (one core)",
  network: "limited by the network",
  server: "limited by the server",
  "rate-limit": "limited by --limit-rate",
  retry: "trying again",
};

/** Where the other end of a pipe is what the lanes, or the digest, wait for. */
const pipeLimits: Partial<Readonly<Record<Limit, string>>> = {
  disk: "limited by what is piped in",
  digest: "limited by what reads it",
};

/** What holds a transfer back just now. */
export const limitText = (limit: Limit, piped: boolean): string =>
  (piped ? pipeLimits[limit] : undefined) ?? limits[limit];

const phases: Readonly<Record<TransferPhase, string>> = {
  preparing: "preparing",
  moving: "moving",
  rereading: "reading the file again",
  finishing: "finishing",
  verifying: "reading it all to verify it",
};

export const phaseText = (phase: TransferPhase): string => phases[phase];

/** A try that failed is counted out again, so the two may pass the size for a moment. */
export function movedBytes(progress: TransferProgress): number {
  const { phase, sizeBytes, doneBytes, inFlightBytes, digestedBytes } = progress;
  if (phase === "verifying") return digestedBytes;
  const bytes = doneBytes + inFlightBytes;
  return sizeBytes === 0 ? bytes : Math.min(sizeBytes, bytes);
}

/** `1.16 of 2.00 GiB`; while the size is unknown, `1.16 GiB so far`. */
export function movedText(progress: TransferProgress): string {
  const bytes = movedBytes(progress);
  const { sizeBytes } = progress;
  return sizeBytes === 0 ? `${formatBytes(bytes)} so far` : formatShare(bytes, sizeBytes);
}

/** From 0 to 1; 0 while the size is unknown. */
export const shareOf = (progress: TransferProgress): number =>
  progress.sizeBytes === 0 ? 0 : movedBytes(progress) / progress.sizeBytes;

/** Never 100% before it is. */
export const percentOf = (progress: TransferProgress): string =>
  `${Math.floor((movedBytes(progress) * 100) / Math.max(1, progress.sizeBytes))}%`;
