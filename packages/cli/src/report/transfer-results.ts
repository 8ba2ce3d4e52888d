import type { DownloadResult, UploadResult } from "@img/node-fs";
import { formatBytes, formatRate } from "./bytes.js";
import { formatDuration } from "./durations.js";
import { printEvent, printText, type OutputFlags } from "./output.js";

/**
 * Prints a finished upload.
 *
 * @param from The source, for people.
 * @param file The argument as given.
 */
export function printUploaded(
  flags: OutputFlags,
  from: string,
  file: string,
  result: UploadResult,
): void {
  const { image, sha256, sizeBytes, sentBytes, resumed, verified, elapsedMs } = result;
  const { id, name } = image;
  const counts = { sizeBytes, sentBytes, resumed, elapsedMs };
  const already = sentBytes === 0;
  printEvent(flags, { event: "completed", id, name, sha256, ...counts, already, verified, file });
  printText(flags, uploadedText(from, result));
  const readBack = verified ? " (read back and verified)" : "";
  printText(flags, `  name    ${name}`, `  id      ${id}`, `  sha256  ${sha256}${readBack}`);
}

function uploadedText(from: string, result: UploadResult): string {
  const { sizeBytes, sentBytes, elapsedMs } = result;
  const size = formatBytes(sizeBytes);
  if (sentBytes === 0) {
    return `${from} is already uploaded: ${size} (same SHA-256, checked in ${formatDuration(elapsedMs)})`;
  }
  const sent =
    sentBytes === sizeBytes ? "" : `${formatBytes(sentBytes)} sent, the rest was there; `;
  return `Uploaded ${from}: ${size} (${sent}${formatDuration(elapsedMs)}, ${rateOf(sentBytes, elapsedMs)})`;
}

/**
 * Prints a finished download.
 *
 * @param to The target, for people.
 * @param file The argument as given.
 */
export function printDownloaded(
  flags: OutputFlags,
  to: string,
  file: string,
  result: DownloadResult,
): void {
  const { image, sha256, verified, sizeBytes, receivedBytes, resumed, elapsedMs } = result;
  const { id, name } = image;
  const counts = { sizeBytes, receivedBytes, resumed, elapsedMs };
  printEvent(flags, { event: "completed", id, name, sha256, ...counts, verified, file });
  printText(flags, downloadedText(to, result));
  const word = verified ? "verified" : "not verified: the service gives no SHA-256";
  printText(flags, `  id      ${id}`, `  sha256  ${sha256} (${word})`);
}

function downloadedText(to: string, result: DownloadResult): string {
  const { image, sizeBytes, receivedBytes, elapsedMs } = result;
  if (receivedBytes === 0) {
    return `${to} is already identical to ${image.name}: ${formatBytes(sizeBytes)} (read in ${formatDuration(elapsedMs)})`;
  }
  const rest = receivedBytes === sizeBytes ? "" : `${formatBytes(receivedBytes)} received, `;
  const speed = `${rest}${formatDuration(elapsedMs)}, ${rateOf(receivedBytes, elapsedMs)}`;
  return `Downloaded ${image.name} to ${to}: ${formatBytes(sizeBytes)} (${speed})`;
}

const rateOf = (bytes: number, elapsedMs: number): string =>
  formatRate((bytes / Math.max(1, elapsedMs)) * 1000);
