import { DigestMismatchError } from "../errors.js";
import { formatOf } from "./source-identity.js";
import type { UploadContext } from "./upload-context.js";

/**
 * Compares the SHA-256 of the source's disk with the expected one.
 *
 * @param outcome What the service has if they differ, as a sentence.
 * @throws {DigestMismatchError} They differ.
 */
export function checkExpected(
  { options, source }: UploadContext,
  sha256: string,
  outcome: string,
): void {
  const { expectedSha256 } = options;
  if (expectedSha256 === null || expectedSha256 === sha256) return;
  const what = formatOf(source) === "raw" ? source.label : `The disk in ${source.label}`;
  const advice = `${outcome} Check the file and the expected SHA-256, then upload again.`;
  throw new DigestMismatchError(what, expectedSha256, sha256, advice);
}
