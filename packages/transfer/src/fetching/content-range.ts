/** A `Content-Range: bytes a-b/size` (RFC 9110, section 14.4). */
export interface ContentRange {
  readonly first: number;
  readonly last: number;
  /** null where the store does not tell it. */
  readonly sizeBytes: number | null;
}

/** null for what is absent, not in bytes, or makes no sense. */
export function parseContentRange(header: string | undefined): ContentRange | null {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(header?.trim() ?? "");
  if (match === null) return null;
  const [first, last] = [Number(match[1]), Number(match[2])];
  const sizeBytes = match[3] === "*" ? null : Number(match[3]);
  const sound = first <= last && (sizeBytes === null || last < sizeBytes);
  return sound ? { first, last, sizeBytes } : null;
}

/** A strong validator, which may go into `If-Match`; null for a weak or absent one. */
export const strongEtag = (header: string | undefined): string | null =>
  header !== undefined && /^"[^"]*"$/.test(header) ? header : null;
