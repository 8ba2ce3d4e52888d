import { ReadingDigest, type Digest, type Source } from "@img/transfer";
import type { CompressedSource } from "../compressed/compressed-source.js";
import type { DiskSource } from "../files/disk-source.js";
import { fileDigest, isSmall, sharedMemory, WorkerDigest } from "./digest.js";
import type { DigestThreads } from "./digest-threads.js";
import { SourceFileDigest } from "./source-file-digest.js";

/** Opens the digest of an upload. What a compressed file unpacks to is only taken from memory. */
export const imageDigest = (
  source: DiskSource | CompressedSource,
  threads?: DigestThreads,
): Digest =>
  source.sizeBytes === null ? new WorkerDigest("", threads) : diskDigest(source, threads);

/** Opens the digest of a disk: of its file, or of the bytes that are read through its format. */
export function diskDigest(source: DiskSource, threads?: DigestThreads): Digest {
  if (source.disk !== null) return readingDigest(source, threads);
  return isSmall(source.sizeBytes)
    ? fileDigest(source.path, source.sizeBytes)
    : new SourceFileDigest(source, threads);
}

/**
 * Opens the digest of a source that is not the bytes of a file: what was sent earlier is read through the
 * source again.
 */
export const readingDigest = (source: Source, threads?: DigestThreads): Digest =>
  new ReadingDigest(source, new WorkerDigest("", threads), sharedMemory);
