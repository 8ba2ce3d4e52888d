import { fileURLToPath } from "node:url";
import type { DiskDescription } from "@img/disk-formats";
import {
  InvalidOptionError,
  type Source,
  type UploadOptions,
  type UploadResult,
  type UploadStreamOptions,
} from "@img/transfer";
import type { CheckOptions } from "./check-image.js";
import type { ServiceOptions } from "./client.js";
import type { ByteStream } from "./files/byte-streams.js";
import type { ImageFormat } from "./files/image-source.js";
import type { JournalOptions } from "./journals/journal-store.js";
import { ownMachine, type Machine } from "./machine.js";
import { expectedOfRaw } from "./source-sha256.js";
import type { ThreadOptions } from "./threads/thread-options.js";
import { uploadBytes, uploadFile, uploadOwnSource } from "./upload-file.js";

/** Of {@link uploadImage}. */
export interface UploadImageOptions
  extends UploadOptions, ServiceOptions, JournalOptions, ThreadOptions, CheckOptions {
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
}

/** Of {@link uploadSource}. */
export interface UploadSourceOptions
  extends UploadOptions, ServiceOptions, JournalOptions, ThreadOptions {
  /** The image's name: 1 to 255 characters, a letter or digit, then letters, digits, `.`, `_`, `-`. */
  readonly name: string;
}

/** Of {@link uploadStream}. Each has a default. */
export interface UploadFromStreamOptions
  extends UploadStreamOptions, ServiceOptions, ThreadOptions {
  /** What messages call the stream. @default "the stream" */
  readonly label?: string | undefined;
}

/**
 * What can be uploaded: a path or `file:` URL; the `https:` or `http:` URL of a file on a web server; a `Source` of your
 * own, which can be resumed; or a `Readable`, a `ReadableStream` or an async iterable of bytes, which can be read only once.
 */
export type UploadInput = string | URL | Source | ByteStream | ReadableStream<Uint8Array>;

/**
 * Uploads any input as an image: a path or URL as `uploadImage` does, a `Source` as `uploadSource`, a stream as
 * `uploadStream`. Options that only make sense for a file are ignored with the others. A source and a stream need a `name`.
 *
 * @throws {InvalidOptionError} The input is nothing that can be uploaded, or has no name and needs one.
 * @throws What the function for this kind of input throws.
 */
export const upload = async (
  input: UploadInput,
  options: UploadImageOptions = {},
): Promise<UploadResult> => uploadAny(input, options, ownMachine(options.threads));

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
export const uploadImage = (
  path: string | URL,
  options: UploadImageOptions = {},
): Promise<UploadResult> => upload(path, options);

/**
 * Uploads an image from a source of your own, such as another server or a block device. If it is interrupted,
 * the same call with the same source resumes it.
 *
 * What an earlier run sent is read again through the source, for the digest. That needs memory for one part
 * more than `memoryBytes`.
 *
 * @param source Opened and closed by the caller. Its contract is the comment on `Source`.
 * @throws What `uploadImage` throws, but for what is about a path; and what the source rejects with.
 */
export const uploadSource = (source: Source, options: UploadSourceOptions): Promise<UploadResult> =>
  upload(source, options);

/**
 * Uploads what a stream gives as an image, without knowing its size and without a temporary file. It
 * cannot be resumed after a failure, since the stream cannot be read again: the unfinished image is deleted.
 * A stream that ends too early is a shorter image; its producer must throw an error then.
 *
 * @param bytes From 1 byte to 128 GiB: a `Readable` such as `process.stdin`, or an async generator.
 * @param name The image's name: 1 to 255 characters, a letter or digit, then letters, digits, `.`, `_`, `-`.
 * @throws {ImageSizeError} It was empty, or too long.
 * @throws {SourceUnusableError} The stream failed.
 * @throws {InvalidOptionError | NameTakenError} Nothing was read.
 * @throws {NotAuthorizedError | ApiRefusedError | PartRefusedError | WrongAnswerError | UnsafeUrlError} The service or
 *   the store refuses, or answers what cannot be.
 * @throws {NoProgressError} Nothing moved for `retryBudgetMs`.
 * @throws {ImageGoneError | ImageFailedError | UploadLostError | CompleteRefusedError} The image is lost.
 * @throws {DigestMismatchError} `verify`: the stored image is another.
 * @throws The signal's reason.
 */
export const uploadStream = (
  bytes: ByteStream,
  name: string,
  options: UploadFromStreamOptions = {},
): Promise<UploadResult> => upload(bytes, { ...options, name });

/** Does what `upload` does, with what the transfer may use of this machine. */
export async function uploadAny(
  input: UploadInput,
  options: UploadImageOptions & Pick<UploadFromStreamOptions, "label">,
  machine: Machine,
): Promise<UploadResult> {
  if (typeof input === "string") return uploadFile(input, options, machine);
  if (input instanceof URL) {
    if (input.protocol === "file:") return uploadFile(fileURLToPath(input), options, machine);
    const { uploadUrl } = await import("./upload-url.js");
    return uploadUrl(input, options, machine);
  }
  const { name } = options;
  if (name === undefined) {
    throw new InvalidOptionError("name", name, "given for an input without a path");
  }
  const named = { ...options, name, expectedSha256: expectedOfRaw(options) };
  if ("read" in input && "sizeBytes" in input) return uploadOwnSource(input, named, machine);
  if (!(Symbol.asyncIterator in input)) {
    throw new InvalidOptionError("input", input, "a path, a URL, a Source or a stream of bytes");
  }
  return uploadBytes(input as ByteStream, { ...named, ifNameTaken: ofStream(named) }, machine);
}

/** @throws {InvalidOptionError} The option needs an input that can be read again. */
function ofStream({ ifNameTaken }: UploadOptions): UploadStreamOptions["ifNameTaken"] {
  if (ifNameTaken !== "verify" && ifNameTaken !== "accept-same") return ifNameTaken;
  const wanted = "fail or replace-unfinished for a stream, which can be read only once";
  throw new InvalidOptionError("ifNameTaken", ifNameTaken, wanted);
}
