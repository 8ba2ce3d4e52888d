import type { Writable } from "node:stream";
import type { WritableStream } from "node:stream/web";
import { fileURLToPath } from "node:url";
import {
  InvalidOptionError,
  type DownloadOptions,
  type DownloadResult,
  type TransferOptions,
} from "@img/transfer";
import type { ServiceOptions } from "./client.js";
import { downloadBytes, downloadFile } from "./download-file.js";
import type { LowSpace } from "./files/room.js";
import { ownMachine, type Machine } from "./machine.js";
import type { ThreadOptions } from "./threads/thread-options.js";

/** Of {@link downloadImage}. */
export interface DownloadImageOptions extends DownloadOptions, ServiceOptions, ThreadOptions {
  /** Whether a regular file at the target may be replaced. Links and folders never are. @default `false` */
  readonly overwrite?: boolean | undefined;
  /**
   * What to do if there is a regular file at the target: decide by `overwrite`; or read it first, and fetch nothing if it
   * has the image's size and SHA-256. `"verify"` is the former name of `"accept-same"`. @default `"fail"`
   */
  readonly ifExists?: "fail" | "accept-same" | "verify" | undefined;
  /** Whether runs of zeros become holes, if the file system can have them. @default `true` */
  readonly sparse?: boolean | undefined;
  /**
   * Whether it is an error, before anything is fetched, that the disk has less room than the rest of the image needs. A
   * sparse file may need less. @default `!sparse`
   */
  readonly requireSpace?: boolean | undefined;
  /** Called before anything is fetched if the disk has less room than the rest of the image; the download continues. */
  readonly onLowSpace?: ((space: LowSpace) => void) | undefined;
}

/** Of {@link downloadStream}. Each has a default. */
export interface DownloadToStreamOptions extends TransferOptions, ServiceOptions, ThreadOptions {
  /** What messages call the stream. @default "the stream" */
  readonly label?: string | undefined;
}

/** Where a download can go: a path or `file:` URL, or a stream, which is written to in order and not ended. */
export type DownloadOutput = string | URL | Writable | WritableStream<Uint8Array>;

/**
 * Downloads an image to any output: to a path as `downloadImage` does, into a stream as `downloadStream`. Options that
 * only make sense for a file are ignored with a stream.
 *
 * @param idOrName An image's id or, in preview, its resource path; or else the name of a live image.
 * @throws {InvalidOptionError} The output is nothing that can be written to.
 * @throws What the function for this kind of output throws.
 */
export const download = async (
  idOrName: string,
  output: DownloadOutput,
  options: DownloadImageOptions = {},
): Promise<DownloadResult> => downloadAny(idOrName, output, options, ownMachine(options.threads));

/**
 * Downloads an image to a file. Until it is whole and verified it stands beside the target, as
 * `PATH.img-part`; if it is interrupted, the same call continues.
 *
 * @param idOrName An image's id or, in preview, its resource path; or else the name of a live image.
 * @param path The file to be made; its folder must exist.
 * @throws {InvalidOptionError | TargetExistsError | TargetUnusableError | NotEnoughSpaceError} Nothing was fetched.
 * @throws {ImageNotFoundError | ImageNotReadyError | ImageGoneError} There is nothing to download.
 * @throws {ImageChangedError} The stored image is no longer the one whose download began.
 * @throws {DigestMismatchError} What came is not what the service says; the target is untouched.
 * @throws {NotAuthorizedError | ApiRefusedError | PartRefusedError} The service or the store refuses.
 * @throws {WrongAnswerError | UnsafeUrlError} The service answers what cannot be.
 * @throws {NoProgressError} Nothing moved for `retryBudgetMs`; the same call resumes.
 * @throws {TransferLockedError} Another process downloads to this path.
 * @throws {JournalIoError | JournalCorruptError | JournalVersionError | JournalGoneError} The journal cannot be used.
 * @throws {DiskError | DigestFailedError} This machine failed; the same call resumes.
 * @throws The signal's reason.
 */
export const downloadImage = (
  idOrName: string,
  path: string,
  options: DownloadImageOptions = {},
): Promise<DownloadResult> => download(idOrName, path, options);

/**
 * Downloads an image to a stream: fetched in parallel, written in order, in bounded memory. Its digest is known
 * only at the end: nothing that was written may be trusted before this resolves. A failed download cannot be
 * resumed.
 *
 * @param idOrName An image's id or, in preview, its resource path; or else the name of a live image.
 * @param out Written to and not ended: the caller does that.
 * @throws {DigestMismatchError} What was written is not what the service says.
 * @throws {DiskError} The stream failed.
 * @throws {InvalidOptionError | ImageNotFoundError | ImageNotReadyError} Nothing was written.
 * @throws {ImageChangedError | ImageGoneError} The stored image changed meanwhile.
 * @throws {NotAuthorizedError | ApiRefusedError | PartRefusedError | WrongAnswerError | UnsafeUrlError} The
 *   service or the store refuses, or answers what cannot be.
 * @throws {NoProgressError} Nothing moved for `retryBudgetMs`.
 * @throws The signal's reason.
 */
export const downloadStream = (
  idOrName: string,
  out: Writable,
  options: DownloadToStreamOptions = {},
): Promise<DownloadResult> => download(idOrName, out, options);

/** Does what `download` does, with what the transfer may use of this machine. */
export async function downloadAny(
  idOrName: string,
  output: DownloadOutput,
  options: DownloadImageOptions & DownloadToStreamOptions,
  machine: Machine,
): Promise<DownloadResult> {
  if (typeof output === "string") return downloadFile(idOrName, output, options, machine);
  if (!(output instanceof URL)) return downloadBytes(idOrName, output, options, machine);
  if (output.protocol === "file:") {
    return downloadFile(idOrName, fileURLToPath(output), options, machine);
  }
  throw new InvalidOptionError("output", output.protocol, "a file: URL");
}
