import type { ByteRange } from "../http/byte-range.js";
import type { CompletedImage } from "../images/image.js";

/** The image takes no parts: it was completed, has failed, was deleted, or never existed. */
export class NoSuchUploadError extends Error {
  override readonly name = "NoSuchUploadError";
  readonly code = "NO_SUCH_UPLOAD";
}

/** The body does not have the MD5 that was announced. */
export class BadDigestError extends Error {
  override readonly name = "BadDigestError";
  readonly code = "BAD_DIGEST";
}

export interface IncomingPart {
  readonly id: string;
  readonly number: number;
  readonly declaredBytes: number;
  /** 32 lower-case hex digits, if the client sent them. */
  readonly wantedMd5: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The quota or the disk has no space for a part. */
export class StoreFullError extends Error {
  override readonly name = "StoreFullError";
  readonly code = "STORE_FULL";
}

/** The bytes of images, which presigned URLs lead to. */
export interface ImageBytes {
  /**
   * Takes a part. It counts, and replaces an earlier one with its number, once all of it has arrived.
   *
   * @returns The part's MD5.
   * @throws {NoSuchUploadError | BadDigestError | StoreFullError}
   */
  put(part: IncomingPart): Promise<string>;
  /** Finds the completed image with that id that is not deleted. */
  find(id: string): CompletedImage | undefined;
  /** Reads a range. A slice is overwritten once the next one is requested. */
  read(image: CompletedImage, range: ByteRange): AsyncIterable<Uint8Array>;
}
