import { ReadingDigest, type Digest, type Source } from "@img/transfer";
import type { DiskSource } from "../files/disk-source.js";
import { fileDigest, isSmall, sharedMemory, WorkerDigest } from "./digest.js";
import type { DigestThreads } from "./digest-threads.js";
import { SourceFileDigest } from "./source-file-digest.js";

/** The digest of a disk: of its file, or of what is read through its format. */
export function diskDigest(source: DiskSource, threads?: DigestThreads): Digest {
  if (source.disk !== null) return readingDigest(source, threads);
  return isSmall(source.sizeBytes)
    ? fileDigest(source.path, source.sizeBytes)
    : new SourceFileDigest(source, threads);
}

/** The digest of a source that is no file, or is not its file's bytes: what was sent is read through it again. */
export const readingDigest = (source: Source, threads?: DigestThreads): Digest =>
  new ReadingDigest(source, new WorkerDigest("", threads), sharedMemory);
