import { checkSha256, DigestMismatchError, InvalidOptionError, untilAborted } from "@img/transfer";
import type { DiskSource } from "./files/disk-source.js";
import { fileDigest } from "./hashing/digest.js";

/** The SHA-256s that an upload must have. */
export interface ExpectedDigests {
  readonly expectedSha256?: string | undefined;
  readonly sourceSha256?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns the SHA-256 that the raw disk must have. A file in another format than raw is read first, and compared with
 * `sourceSha256`.
 *
 * @throws {DigestMismatchError} The file has another SHA-256.
 * @throws {InvalidOptionError} One is not a SHA-256, or the two differ for a raw disk.
 */
export async function expectedOfDisk(
  source: DiskSource,
  { expectedSha256, sourceSha256, signal }: ExpectedDigests,
): Promise<string | undefined> {
  if (source.disk === null || sourceSha256 === undefined) {
    return expectedOfRaw({ expectedSha256, sourceSha256 });
  }
  const wanted = checkSha256("sourceSha256", sourceSha256);
  const got = await sha256Of(source, signal);
  if (got !== wanted) throw new DigestMismatchError(source.path, wanted, got, notExpected);
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

async function sha256Of(
  { path, description }: DiskSource,
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  const fileBytes = description?.fileBytes ?? 0;
  const digest = fileDigest(path, fileBytes);
  try {
    for (let at = 0; at < fileBytes; at += pieceBytes) {
      const piece = digest.updateFromFile(at, Math.min(pieceBytes, fileBytes - at));
      await untilAborted(piece, signal);
    }
    return await digest.finish();
  } finally {
    await digest.close();
  }
}
