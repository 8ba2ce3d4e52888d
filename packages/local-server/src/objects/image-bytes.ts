import type { ByteRange } from "../http/byte-range.js";
import type { CompletedImage } from "../images/image.js";

/** The image takes no parts: it was completed, failed or deleted, or never was. */
export class NoSuchUploadError extends Error {
  override readonly name = "NoSuchUploadError";
  readonly code = "NO_SUCH_UPLOAD";
}

/** The body isn't the one whose MD5 was announced. */
export class BadDigestError extends Error {
  override readonly name = "BadDigestError";
  readonly code = "BAD_DIGEST";
}

export interface IncomingPart {
  readonly id: string;
  readonly number: number;
  readonly declaredBytes: number;
  /** 32 lower-case hex digits, where the client said so. */
  readonly wantedMd5: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The quota or the disk has no room for a part. */
export class StoreFullError extends Error {
  override readonly name = "StoreFullError";
  readonly code = "STORE_FULL";
}

/** The bytes of images, which stand behind presigned URLs. */
export interface ImageBytes {
  /**
   * Takes a part; it counts, and replaces an earlier one of its number, once all of it is there.
   *
   * @returns The part's MD5.
   * @throws {NoSuchUploadError | BadDigestError | StoreFullError}
   */
  put(part: IncomingPart): Promise<string>;
  /** The completed image of that id that is not deleted. */
  find(id: string): CompletedImage | undefined;
  /** A slice is overwritten once the next one is asked for. */
  read(image: CompletedImage, range: ByteRange): AsyncIterable<Uint8Array>;
}
