import { createHash } from "node:crypto";
import type { ImageListEntry } from "@img/core/models";
import type { DiskSource, Source, UnpackedSource, UrlSource } from "@img/node-fs";
import { MiB } from "@img/transfer";
import type { Hooks } from "../transfers/transfer-frame.js";

const reportEveryMs = 200;

/** Reads the disk for its digest, but only if the digest is of use, or nothing else tells the size. */
export async function readToCompare(
  source: DiskSource | UrlSource | UnpackedSource,
  isUrl: boolean,
  images: readonly ImageListEntry[],
  hooks: Hooks,
): Promise<{ readonly sizeBytes: number; readonly sha256: string | null }> {
  if (source.sizeBytes === null) return unpackedDigest(source, hooks);
  const { sizeBytes } = source;
  const isUseful = !isUrl && images.some((image) => image.sha256);
  return { sizeBytes, sha256: isUseful ? await sha256Of(source, hooks) : null };
}

/** Makes the SHA-256 of a disk, read from its beginning to its end, and reports progress like a transfer. */
async function sha256Of(
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

/**
 * Returns the size and the SHA-256 of what a compressed file unpacks to, and reports progress like a transfer.
 */
async function unpackedDigest(
  source: UnpackedSource,
  { signal, onProgress }: Hooks,
): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(new SharedArrayBuffer(4 * MiB));
  const startedMs = performance.now();
  const reading = await source.open(signal);
  try {
    for (let sizeBytes = 0; ;) {
      const lengthBytes = await reading.read(buffer, signal);
      hash.update(buffer.subarray(0, lengthBytes));
      sizeBytes += lengthBytes;
      if (lengthBytes < buffer.length) return { sizeBytes, sha256: hash.digest("hex") };
      const passedMs = Math.max(1, performance.now() - startedMs);
      onProgress({ ...readSoFar(sizeBytes, 0, (sizeBytes / passedMs) * 1000), etaMs: null });
    }
  } finally {
    await reading.close();
  }
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
