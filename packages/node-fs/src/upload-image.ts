import { basename } from "node:path";
import type { SfcCore } from "@img/core/core.js";
import type { DiskDescription } from "@img/disk-formats";
import {
  closing,
  upload,
  type JournalStore,
  type UploadOptions,
  type UploadResult,
} from "@img/transfer";
import { checkBeforeUpload, type CheckOptions } from "./check-image.js";
import { serviceOf } from "./client.js";
import { openImageSource, type ImageFormat } from "./files/image-source.js";
import { imageDigest } from "./hashing/reading-digest.js";
import { journalsOn, ownMachine, type Machine } from "./machine.js";
import { platformOn } from "./platform.js";
import type { ThreadOptions } from "./threads/thread-options.js";
import { tracedTransfer } from "./tracing.js";
import { expectedOfDisk, sha256OfFile } from "./source-sha256.js";

/** Of {@link uploadImage}. */
export interface UploadImageOptions extends UploadOptions, ThreadOptions, CheckOptions {
  /**
   * The client of the service, an `Sfc` or `SfcCore`.
   * @default made from `SFC_SERVER_URL`, `SFC_BEARER_AUTH`, `SFC_WORKSPACE` and `SFC_API_VERSION`
   */
  readonly client?: SfcCore | undefined;
  /**
   * The image's name: 1 to 255 characters, a letter or digit, then letters, digits, `.`, `_`, `-`.
   * @default the file's base name
   */
  readonly name?: string | undefined;
  /**
   * The format of the file. A qcow2, VMDK, VHD, VHDX or VDI is uploaded as the raw disk that it describes, a raw disk that is
   * compressed by gzip, xz or zstd as what it unpacks to, without a temporary file. `"raw"` sends the bytes of any file as
   * they are. @default `"auto"`: detected by the file's content, never by its name
   */
  readonly format?: ImageFormat | "auto" | undefined;
  /** Called before anything is sent if the file is a disk image that is not raw, with what it describes. */
  readonly onDisk?: ((description: DiskDescription) => void) | undefined;
  /**
   * The SHA-256 that the file must have, 64 hex digits. A raw disk is hashed while it is sent, and not completed if it differs.
   * A file in another format, or a compressed one, is read once more, before anything is sent. @default none
   */
  readonly sourceSha256?: string | undefined;
  /** The folder of journals. Keep or copy it to resume elsewhere. @default `$XDG_STATE_HOME/img` or the platform's place */
  readonly stateDir?: string | undefined;
  /** A store of journals of your own, instead of `stateDir`. @default the journals in `stateDir` */
  readonly journals?: JournalStore | undefined;
}

/**
 * Uploads a file as an image. If it is interrupted, the same call resumes it: parts that
 * have a receipt are not sent again.
 *
 * @param path A regular file or a block device, which must not change meanwhile: a raw disk of 1 byte to 128 GiB, or a qcow2,
 *   VMDK, VHD, VHDX or VDI of one, or a raw disk that is compressed by gzip, xz or zstd, which each run unpacks from its start. Or the `https:` or `http:` URL of one of these on a web server, of which no query and no user
 *   info is kept: give it again to resume. What was sent is then read from the server again, for the SHA-256.
 * @throws An error with a code that begins with `FORMAT_`: the disk image is damaged, or needs what is not read.
 * @throws {CompressedDamagedError | CompressedUnsupportedError} The compressed file is damaged, or cannot be unpacked.
 * @throws {SourceUnusableError | ImageSizeError | CheckFailedError | InvalidOptionError} Nothing was sent.
 * @throws {SourceUnreachableError | SourceRefusedError} The web server of a URL cannot be reached, or does not give the
 *   file; the same call resumes.
 * @throws {SourceChangedError} The file is not the one that the upload began with, or changed meanwhile.
 * @throws {NameTakenError} Another image has the name.
 * @throws {ImageGoneError | ImageFailedError | UploadLostError | CompleteRefusedError} The unfinished image is lost.
 * @throws {NotAuthorizedError | ApiRefusedError | PartRefusedError} The service or the store refuses.
 * @throws {WrongAnswerError | UnsafeUrlError} The service answers what cannot be.
 * @throws {NoProgressError} Nothing moved for `retryBudgetMs`; the same call resumes.
 * @throws {TransferLockedError} Another process works on this upload.
 * @throws {JournalIoError | JournalCorruptError | JournalVersionError | JournalGoneError} The journal cannot be used.
 * @throws {DigestMismatchError} The SHA-256 is not the expected one; or `verify`: the stored image has another.
 * @throws {DigestFailedError | DiskError} This machine failed; the same call resumes.
 * @throws The signal's reason.
 */
export const uploadImage = async (
  path: string | URL,
  options: UploadImageOptions = {},
): Promise<UploadResult> => uploadFile(path, options, ownMachine(options.threads));

/** Does what `uploadImage` does, with what the transfer may use of this machine. */
export async function uploadFile(
  path: string | URL,
  options: UploadImageOptions,
  machine: Machine,
): Promise<UploadResult> {
  if (path instanceof URL)
    return (await import("./upload-url.js")).uploadUrl(path, options, machine);
  const {
    client,
    name = basename(path),
    stateDir,
    journals,
    format,
    onDisk,
    check,
    onFinding,
    sourceSha256,
    ...rest
  } = options;
  const service = serviceOf(client, rest.workspace);
  const source = await openImageSource(path, { format, signal: rest.signal });
  const platform = {
    ...platformOn(machine, journalsOn(machine, { journals, stateDir }), source.path),
    openDigest: () => imageDigest(source, machine.digests),
  };
  const uploading = async (): Promise<UploadResult> => {
    if (source.sizeBytes !== null && source.description !== null) onDisk?.(source.description);
    await checkBeforeUpload(source, { ...rest, check, onFinding });
    const expectedSha256 = await expectedOfDisk(source, { ...rest, sourceSha256 }, () =>
      sha256OfFile(source, rest.signal),
    );
    const task = { ...service, name, source, platform, share: machine.share };
    return upload(task, { ...rest, expectedSha256 });
  };
  const trace = { operation: "upload", image: name } as const;
  return closing(source, () => tracedTransfer(trace, uploading));
}
