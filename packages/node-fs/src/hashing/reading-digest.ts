import { ReadingDigest, type Digest, type Source } from "@img/transfer";
import type { DiskSource } from "../files/disk-source.js";
import { fileDigest, isSmall, sharedMemory, WorkerDigest } from "./digest.js";
import { SourceFileDigest } from "./source-file-digest.js";

/** The digest of a disk: of its file, or of what is read through its format. */
export function diskDigest(source: DiskSource): Digest {
  if (source.disk !== null) return readingDigest(source);
  return isSmall(source.sizeBytes)
    ? fileDigest(source.path, source.sizeBytes)
    : new SourceFileDigest(source);
}

/** The digest of a source that is no file, or is not its file's bytes: what was sent is read through it again. */
export const readingDigest = (source: Source): Digest =>
  new ReadingDigest(source, new WorkerDigest(""), sharedMemory);
