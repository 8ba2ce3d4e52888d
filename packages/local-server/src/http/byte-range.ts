/** A range of an image: `from` to `to`, both included. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a `Range` header (RFC 9110, 14.1 and 14.2).
 *
 * @returns The range, cut to the image. "whole" if there is no range, several (S3 serves one at a time), or an
 * invalid one. "outside" if the image has no byte of it (416).
 */
export function parseRange(
  header: string | undefined,
  imageBytes: number,
): ByteRange | "whole" | "outside" {
  const match = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return "whole";
  if (match[1] === "") return lastBytes(Number(match[2]), imageBytes);
  const from = Number(match[1]);
  const to = match[2] === "" ? Infinity : Number(match[2]);
  if (to < from) return "whole";
  if (from >= imageBytes) return "outside";
  return { from, to: Math.min(to, imageBytes - 1) };
}

const lastBytes = (count: number, imageBytes: number): ByteRange | "outside" =>
  count === 0 ? "outside" : { from: Math.max(0, imageBytes - count), to: imageBytes - 1 };

/**
 * Whether an `If-Match` is fulfilled: `*`, or our ETag is in the list. A weak tag never matches (RFC 9110,
 * 13.1.1).
 */
export function ifMatchHolds(header: string | undefined, etag: string): boolean {
  if (header === undefined) return true;
  return header.split(",").some((tag) => tag.trim() === "*" || tag.trim() === etag);
}

/** Whether a `Range` is used: there is no `If-Range`, or it names our ETag or the exact modification time. */
export const ifRangeHolds = (
  header: string | undefined,
  etag: string,
  lastModified: string,
): boolean => header === undefined || header.trim() === etag || header.trim() === lastModified;
