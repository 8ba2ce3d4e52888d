import { ImageSizeError, InvalidOptionError } from "./errors.js";

/** Bytes of a mebibyte, 1,048,576. */
export const MiB: number = 1024 * 1024;

/** What the object stores behind the service take (they follow S3), and the service's own bound. */
export const limits: {
  /** Of every part but the last: 5 MiB. */
  readonly minPartBytes: number;
  /** Of any part: 5 GiB. */
  readonly maxPartBytes: number;
  /** Of one image: 10,000. */
  readonly maxParts: number;
  /** 128 GiB. */
  readonly maxImageBytes: number;
} = {
  minPartBytes: 5 * MiB,
  maxPartBytes: 5 * 1024 * MiB,
  maxParts: 10_000,
  maxImageBytes: 128 * 1024 * MiB,
};

/** A numbered, contiguous slice of the image; the unit of sending, retrying and journaling. */
export interface Part {
  /** From 1, without a gap. */
  readonly number: number;
  /** Where it begins in the image. */
  readonly offset: number;
  /** The same for every part but the last, which may be shorter. */
  readonly lengthBytes: number;
}

/**
 * Cuts an image into parts.
 *
 * @param imageBytes A whole number from 1 to 137,438,953,472 (128 GiB).
 * @param partBytes Length of every part but the last, from `partBytesFor`.
 * @returns Parts 1..n without gap or overlap; every one but the last has the same length.
 * @throws {ImageSizeError} `imageBytes` is out of range.
 */
export function planParts(imageBytes: number, partBytes: number): readonly Part[] {
  checkImageBytes(imageBytes);
  const count = Math.ceil(imageBytes / partBytes);
  return Array.from({ length: count }, (_, index) => {
    const offset = index * partBytes;
    return { number: index + 1, offset, lengthBytes: Math.min(partBytes, imageBytes - offset) };
  });
}

/**
 * The length of an image's parts: the wanted one, raised to what keeps the image within 10,000 parts. An image that is
 * smaller than that is one part.
 *
 * @param wantedPartBytes Null for the usual length, 5 to 16 MiB by the size of the image.
 * @throws {InvalidOptionError} The wanted length is not a whole number from 5 MiB to 5 GiB.
 * @throws {ImageSizeError} `imageBytes` is out of range.
 */
export function partBytesFor(imageBytes: number, wantedPartBytes: number | null): number {
  checkImageBytes(imageBytes);
  const partBytes = wantedPartBytes ?? usualPartBytes(imageBytes);
  checkPartBytes(partBytes);
  return Math.max(partBytes, Math.ceil(imageBytes / limits.maxParts));
}

/**
 * About 128 parts: many lanes have work where one connection is slow, and little is left of the last parts when lanes
 * find none. No parts of more than 16 MiB: one that fails costs little, the overhead of a request is under 1%, and
 * 128 GiB are 8,192 of them.
 */
function usualPartBytes(imageBytes: number): number {
  const wholeMiB = Math.ceil(imageBytes / usualParts / MiB) * MiB;
  return Math.min(mostUsualBytes, Math.max(limits.minPartBytes, wholeMiB));
}

const usualParts = 128;
const mostUsualBytes = 16 * MiB;

/** @throws {InvalidOptionError} The stores take no parts of that length. */
export function checkPartBytes(partBytes: number): void {
  const { minPartBytes, maxPartBytes } = limits;
  const isWhole = Number.isSafeInteger(partBytes);
  if (isWhole && partBytes >= minPartBytes && partBytes <= maxPartBytes) return;
  const wanted = "a whole number of bytes from 5 MiB to 5 GiB";
  throw new InvalidOptionError("partBytes", partBytes, wanted);
}

/** The parts that have no receipt, in order. */
export function partsLeft(
  parts: readonly Part[],
  receipts: ReadonlyMap<number, unknown>,
): readonly Part[] {
  return parts.filter((part) => !receipts.has(part.number));
}

function checkImageBytes(imageBytes: number): void {
  if (!Number.isSafeInteger(imageBytes) || imageBytes < 1 || imageBytes > limits.maxImageBytes) {
    throw new ImageSizeError(imageBytes);
  }
}
