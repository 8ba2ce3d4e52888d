import type { SfcCore } from "@img/core/core.js";
import { uploadStream as upload, type UploadResult, type UploadStreamOptions } from "@img/transfer";
import { noJournals, streamSource, type ByteStream } from "./files/byte-streams.js";
import { serviceOf } from "./client.js";
import { ownMachine, type Machine } from "./machine.js";
import { platformOn } from "./platform.js";
import type { ThreadOptions } from "./threads/thread-options.js";
import { tracedTransfer } from "./tracing.js";

/** Of `uploadStream`. Each has a default. */
export interface UploadFromStreamOptions extends UploadStreamOptions, ThreadOptions {
  /** @default One made from `SFC_SERVER_URL`, `SFC_BEARER_AUTH` and `SFC_WORKSPACE`. */
  readonly client?: SfcCore | undefined;
  /** What messages call the stream. @default "the stream" */
  readonly label?: string | undefined;
}

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
export const uploadStream = async (
  bytes: ByteStream,
  name: string,
  options: UploadFromStreamOptions = {},
): Promise<UploadResult> => uploadBytes(bytes, name, options, ownMachine(options.threads));

/** Does what `uploadStream` does, with what the transfer may use of this machine. */
export async function uploadBytes(
  bytes: ByteStream,
  name: string,
  options: UploadFromStreamOptions,
  machine: Machine,
): Promise<UploadResult> {
  const { client, label = "the stream", ...rest } = options;
  const service = serviceOf(client, rest.workspace);
  const stream = streamSource(bytes, label);
  const platform = platformOn(machine, noJournals, "");
  try {
    return await tracedTransfer({ operation: "upload", image: name }, () =>
      upload({ ...service, name, stream, platform, share: machine.share }, rest),
    );
  } finally {
    stream.close();
  }
}
