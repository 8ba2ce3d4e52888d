import { ReadingDigest, type AnySource, type Digest } from "@img/transfer";
import type { CompressedSource } from "../compressed/compressed-source.js";
import type { DiskSource } from "../files/disk-source.js";
import { fileDigest, isSmall, sharedMemory, WorkerDigest } from "./digest.js";
import type { DigestThreads } from "./digest-threads.js";
import { SourceFileDigest } from "./source-file-digest.js";

/** Opens the digest of a file: of its own bytes, or of the disk that is read from it. */
export function imageDigest(
  source: DiskSource | CompressedSource,
  threads?: DigestThreads,
): Digest {
  if (source.sizeBytes === null || source.disk !== null) return sourceDigest(source, threads);
  return isSmall(source.sizeBytes)
    ? fileDigest(source.path, source.sizeBytes)
    : new SourceFileDigest(source, threads);
}

/**
 * Opens the digest of a source that is not the bytes of a file. What was sent earlier is read through the source again; one
 * that is read in order gives the digest all of its bytes anyway.
 */
export const sourceDigest = (source: AnySource, threads?: DigestThreads): Digest => {
  const digest = new WorkerDigest("", threads);
  return source.sizeBytes === null ? digest : new ReadingDigest(source, digest, sharedMemory);
};
