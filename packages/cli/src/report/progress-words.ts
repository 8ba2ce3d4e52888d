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

/** The limits that have another name if the other end is a pipe. */
const pipeLimits: Partial<Readonly<Record<Limit, string>>> = {
  disk: "limited by what is piped in",
  digest: "limited by what reads it",
};

/** Names what limits a transfer at the moment. */
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

/**
 * Returns the moved bytes. Those of a failed try are subtracted later, so the sum may exceed the size for a
 * moment.
 */
export function movedBytes(progress: TransferProgress): number {
  const { phase, sizeBytes, doneBytes, inFlightBytes, digestedBytes } = progress;
  if (phase === "verifying") return digestedBytes;
  const bytes = doneBytes + inFlightBytes;
  return sizeBytes === 0 ? bytes : Math.min(sizeBytes, bytes);
}

/** Formats the moved bytes, as `1.16 of 2.00 GiB`, or `1.16 GiB so far` while the size is unknown. */
export function movedText(progress: TransferProgress): string {
  const bytes = movedBytes(progress);
  const { sizeBytes } = progress;
  return sizeBytes === 0 ? `${formatBytes(bytes)} so far` : formatShare(bytes, sizeBytes);
}

/** Returns the share from 0 to 1; 0 while the size is unknown. */
export const shareOf = (progress: TransferProgress): number =>
  progress.sizeBytes === 0 ? 0 : movedBytes(progress) / progress.sizeBytes;

/** Formats the percentage, which is never 100% before the transfer is complete. */
export const percentOf = (progress: TransferProgress): string =>
  `${Math.floor((movedBytes(progress) * 100) / Math.max(1, progress.sizeBytes))}%`;
