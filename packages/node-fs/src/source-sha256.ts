import {
  checkSha256,
  DigestMismatchError,
  InvalidOptionError,
  untilAborted,
  type Reading,
} from "@img/transfer";
import type { CompressedSource, UnpackedSource } from "./compressed/compressed-source.js";
import type { DiskSource } from "./files/disk-source.js";
import { fileDigest, sharedMemory, WorkerDigest } from "./hashing/digest.js";

/** The SHA-256s that an upload must have. */
export interface ExpectedDigests {
  readonly expectedSha256?: string | undefined;
  readonly sourceSha256?: string | undefined;
}

/**
 * Returns the SHA-256 that the raw disk must have. A file in another format than raw, or a compressed one, is read first,
 * and compared with `sourceSha256`.
 *
 * @param digestOfFile Reads the file for its SHA-256.
 * @throws {DigestMismatchError} The file has another SHA-256.
 * @throws {InvalidOptionError} One is not a SHA-256, or the two differ for a raw disk.
 */
export async function expectedOfDisk(
  source: Pick<DiskSource, "disk" | "label"> | UnpackedSource,
  { expectedSha256, sourceSha256 }: ExpectedDigests,
  digestOfFile: () => Promise<string>,
): Promise<string | undefined> {
  if (sourceSha256 === undefined) return expectedSha256;
  if ("disk" in source && source.disk === null) {
    return expectedOfRaw({ expectedSha256, sourceSha256 });
  }
  const wanted = checkSha256("sourceSha256", sourceSha256);
  const got = await digestOfFile();
  if (got !== wanted) throw new DigestMismatchError(source.label, wanted, got, notExpected);
  return expectedSha256;
}

/**
 * Returns the SHA-256 that bytes which are sent as they are must have.
 *
 * @throws {InvalidOptionError} One is not a SHA-256, or the two differ.
 */
export function expectedOfRaw({
  expectedSha256,
  sourceSha256,
}: ExpectedDigests): string | undefined {
  if (sourceSha256 === undefined) return expectedSha256;
  const wanted = checkSha256("sourceSha256", sourceSha256);
  if (checkSha256("expectedSha256", expectedSha256 ?? wanted) === wanted) return wanted;
  const same = "the SHA-256 expected of the disk, since a raw file is the disk";
  throw new InvalidOptionError("sourceSha256", sourceSha256, same);
}

const notExpected = "Nothing was sent. Check the file and the expected SHA-256, then upload again.";

const pieceBytes = 16 * 1024 * 1024;

/** The SHA-256 of the file that contains a disk. */
export async function sha256OfFile(
  source: DiskSource | CompressedSource,
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  const { path } = source;
  const fileBytes =
    source.sizeBytes === null ? source.packedBytes : (source.description?.fileBytes ?? 0);
  const digest = fileDigest(path, fileBytes);
  try {
    for (let at = 0; at < fileBytes; at += pieceBytes) {
      const lengthBytes = Math.min(pieceBytes, fileBytes - at);
      await untilAborted(digest.updateFromFile(at, lengthBytes), signal);
    }
    return await digest.finish();
  } finally {
    await digest.close();
  }
}

/** The SHA-256 of the bytes of a reading, which it closes. */
export async function sha256OfReading(reading: Reading, signal: AbortSignal): Promise<string> {
  const digest = new WorkerDigest("");
  const buffer = sharedMemory(pieceBytes);
  try {
    for (let lengthBytes = buffer.length; lengthBytes === buffer.length;) {
      lengthBytes = await reading.read(buffer, signal);
      if (lengthBytes > 0) await digest.update(buffer.subarray(0, lengthBytes));
    }
    return await digest.finish();
  } finally {
    await reading.close();
    await digest.close();
  }
}
