import type { DiskFormat } from "@img/disk-formats";
import {
  checkIdOrName,
  closing,
  findImage,
  verify,
  type VerifyOptions,
  type VerifyResult,
} from "@img/transfer";
import type { ServiceOptions } from "./client.js";
import { openDiskSource } from "./files/disk-source.js";
import { imageDigest } from "./hashing/reading-digest.js";
import { ownMachine, type Machine } from "./machine.js";
import { taskOn } from "./platform.js";
import type { ThreadOptions } from "./threads/thread-options.js";
import { tracedTransfer } from "./tracing.js";

/** Of {@link verifyImage}. */
export interface VerifyImageOptions extends VerifyOptions, ServiceOptions, ThreadOptions {
  /** What the file is, as for `uploadImage`: it is the raw disk that is compared. @default "auto" */
  readonly format?: DiskFormat | "auto" | undefined;
}

/**
 * Compares a file with a stored image. The image is streamed and hashed, and nothing of it is kept;
 * the file is read at the same time. Progress has the phase "verifying". It cannot be resumed: the same call
 * starts over.
 *
 * @param path A regular file of 1 byte to 128 GiB, which must not change meanwhile.
 * @param idOrName An image's id or, in preview, its resource path; or else the name of a live image.
 * @throws {ImageDiffersError} They are not the same: another size, or another SHA-256.
 * @throws {DigestMismatchError} They are, but the service says another SHA-256: such an image does not boot.
 * @throws {SourceUnusableError | SourceChangedError | DiskError} The file cannot be read, or changed.
 * @throws {InvalidOptionError | ImageNotFoundError | ImageNotReadyError | ImageChangedError} There is nothing
 *   to compare.
 * @throws {NotAuthorizedError | ApiRefusedError | PartRefusedError | WrongAnswerError | UnsafeUrlError} The
 *   service or the store refuses, or answers what cannot be.
 * @throws {NoProgressError} Nothing moved for `retryBudgetMs`.
 * @throws The signal's reason.
 */
export const verifyImage = async (
  path: string,
  idOrName: string,
  options: VerifyImageOptions = {},
): Promise<VerifyResult> => verifyFile(path, idOrName, options, ownMachine(options.threads));

/** Does what `verifyImage` does, with what the transfer may use of this machine. */
export async function verifyFile(
  path: string,
  idOrName: string,
  options: VerifyImageOptions,
  machine: Machine,
): Promise<VerifyResult> {
  const task = taskOn(machine, options, { openDigest: () => imageDigest(source, machine.digests) });
  checkIdOrName(idOrName, task.client);
  const source = await openDiskSource(path, options);
  return closing(source, () =>
    tracedTransfer({ operation: "verify", image: idOrName }, async () => {
      const image = await findImage(task, idOrName, options);
      return verify({ ...task, image, source }, options);
    }),
  );
}
