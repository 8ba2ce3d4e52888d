import { ImageChangedError } from "../errors.js";
import type { AnswerHead } from "../ports.js";
import type { ImageUrl } from "../service/image-url.js";

/** The stored image that parts are fetched from. */
export interface StoredImage {
  readonly url: ImageUrl;
  readonly sizeBytes: number;
  /** The strong ETag that every answer must have; null if the store gives none, undefined before its first answer. */
  etag: string | null | undefined;
  /** Whether the store answers ranges; if not, the image is one stream. */
  ranges: boolean;
  /** Called with the head of the first answer. */
  onAnswered?: () => void;
}

/** Ends the first answer if the store ignores the range. Its head has told what was needed. */
export class WholeImage extends Error {
  constructor(image: StoredImage, head: AnswerHead) {
    super("the store answered with the whole image");
    image.ranges = false;
    learn(image, head);
  }
}

export function learn(image: StoredImage, head: AnswerHead): void {
  if (image.etag !== undefined) return;
  image.etag = strongEtag(head.headers["etag"]);
  image.onAnswered?.();
}

/** The headers of every request for bytes of the image: uncompressed, and of the same object as before. */
export const requestHeaders = (etag: StoredImage["etag"]): Record<string, string> => ({
  "accept-encoding": "identity",
  ...(etag != null && { "if-match": etag }),
});

/** How an answer's head differs from what was asked for; null if it does not. @throws {ImageChangedError} */
export function wrongHead(
  head: AnswerHead,
  first: number,
  last: number,
  image: StoredImage,
): string | null {
  checkEtag(image, head);
  if ((head.headers["content-encoding"] ?? "identity") !== "identity") return "it is compressed";
  const range = parseContentRange(head.headers["content-range"]);
  if (range?.first !== first || range.last !== last)
    return "its Content-Range is not what was asked for";
  if (range.sizeBytes !== null && range.sizeBytes !== image.sizeBytes) {
    throw new ImageChangedError(`it has ${range.sizeBytes} bytes instead of ${image.sizeBytes}`);
  }
  const length = head.headers["content-length"];
  return length === undefined || Number(length) === last - first + 1
    ? null
    : "its length is not what was asked for";
}

/** @throws {ImageChangedError} An answer has another ETag than the ones before. A weak or absent ETag tells nothing. */
export function checkEtag({ etag: before }: StoredImage, { headers }: AnswerHead): void {
  const etag = strongEtag(headers["etag"]);
  if (before == null || etag === null || etag === before) return;
  throw new ImageChangedError("the store tells another ETag than before");
}

/** A `Content-Range: bytes a-b/size` (RFC 9110, section 14.4). */
export interface ContentRange {
  readonly first: number;
  readonly last: number;
  /** Null if the store does not tell it. */
  readonly sizeBytes: number | null;
}

/** Parses a `Content-Range`. Returns null if it is absent, not in bytes, or makes no sense. */
export function parseContentRange(header: string | undefined): ContentRange | null {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(header?.trim() ?? "");
  if (match === null) return null;
  const [first, last] = [Number(match[1]), Number(match[2])];
  const sizeBytes = match[3] === "*" ? null : Number(match[3]);
  const sound = first <= last && (sizeBytes === null || last < sizeBytes);
  return sound ? { first, last, sizeBytes } : null;
}

/** The ETag, if it is strong and may be used in `If-Match`; null if it is weak or absent. */
export const strongEtag = (header: string | undefined): string | null =>
  header !== undefined && /^"[^"]*"$/.test(header) ? header : null;
