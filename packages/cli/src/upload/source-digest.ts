import { createHash } from "node:crypto";
import type { Source } from "@img/node-fs";
import { MiB } from "@img/transfer";
import type { Hooks } from "../transfers/transfer-frame.js";

const reportEveryMs = 200;

/** The SHA-256 of a disk, read from its beginning to its end, with progress as that of a transfer. */
export async function sha256Of(
  source: Pick<Source, "sizeBytes" | "read">,
  { signal, onProgress }: Hooks,
): Promise<string> {
  const { sizeBytes } = source;
  const hash = createHash("sha256");
  const buffer = new Uint8Array(4 * MiB);
  const startedMs = performance.now();
  let reportedMs = -Infinity;
  for (let at = 0; at < sizeBytes; at += buffer.length) {
    const nowMs = performance.now();
    if (nowMs - reportedMs >= reportEveryMs) {
      onProgress(readSoFar(at, sizeBytes, (at / Math.max(1, nowMs - startedMs)) * 1000));
      reportedMs = nowMs;
    }
    const piece = buffer.subarray(0, Math.min(buffer.length, sizeBytes - at));
    await source.read(at, piece, signal);
    hash.update(piece);
  }
  return hash.digest("hex");
}

const readSoFar = (doneBytes: number, sizeBytes: number, bytesPerSecond: number) =>
  ({
    phase: "rereading",
    sizeBytes,
    doneBytes,
    inFlightBytes: 0,
    digestedBytes: doneBytes,
    partsDone: 0,
    partsTotal: 0,
    partsInFlight: 0,
    lanes: 0,
    bytesPerSecond,
    etaMs: bytesPerSecond === 0 ? null : ((sizeBytes - doneBytes) / bytesPerSecond) * 1000,
    limitedBy: null,
  }) as const;
