import {
  SourceChangedError,
  SourceRefusedError,
  type AnswerHead,
  type Outcome,
} from "@img/transfer";

/** What a server says of a file, to recognize it in later answers. */
export interface FileVersion {
  /** Of the whole file; null if the server does not tell it. */
  readonly sizeBytes: number | null;
  /** Strong or weak; null for none. */
  readonly etag: string | null;
  /** null for none. */
  readonly lastModified: string | null;
}

/** `Content-Range: bytes a-b/size` (RFC 9110, section 14.4). */
interface Range {
  readonly first: number;
  readonly last: number;
  readonly sizeBytes: number | null;
}

/** The range of an answer; null if there is none, or an impossible one. */
export function rangeOf({ headers }: AnswerHead): Range | null {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(headers["content-range"] ?? "");
  if (match === null) return null;
  const [, first, last, size] = match;
  const range = { first: Number(first), last: Number(last) };
  const sizeBytes = size === "*" ? null : Number(size);
  const isSound = range.first <= range.last && (sizeBytes === null || range.last < sizeBytes);
  return isSound ? { ...range, sizeBytes } : null;
}

/** What an answer with a file or a part of it says of the file. */
export function versionIn(head: AnswerHead): FileVersion {
  const { headers, status } = head;
  const length = status === 200 ? headers["content-length"] : undefined;
  return {
    sizeBytes: length === undefined ? (rangeOf(head)?.sizeBytes ?? null) : Number(length),
    etag: headers["etag"] ?? null,
    lastModified: headers["last-modified"] ?? null,
  };
}

/** Makes a server answer 412 for another version. A weak ETag says nothing of the bytes (RFC 9110, section 13.1.1). */
export function onlyThis({ etag, lastModified }: FileVersion): Record<string, string> {
  if (etag !== null && isStrong(etag)) return { "if-match": etag };
  return lastModified === null ? {} : { "if-unmodified-since": lastModified };
}

const isStrong = (etag: string): boolean => /^"[^"]*"$/.test(etag);

/**
 * Compares an answer with what is known of the file. Only what both say is compared.
 *
 * @throws {SourceChangedError} It is about another file.
 */
export function checkSame(label: string, known: FileVersion, head: AnswerHead): void {
  const { status } = head;
  if (status === 412) throw new SourceChangedError(`${label} is another file than before`);
  if (status === 404 || status === 410) throw new SourceChangedError(`${label} is no longer there`);
  if (status === 416) throw new SourceChangedError(`${label} is shorter than before`);
  if (status !== 200 && status !== 206) return;
  const now = versionIn(head);
  const differs = (["etag", "lastModified", "sizeBytes"] as const).find(
    (key) => known[key] !== null && now[key] !== null && known[key] !== now[key],
  );
  if (differs === undefined) return;
  const what = { etag: "ETag", lastModified: "modification time", sizeBytes: "size" }[differs];
  throw new SourceChangedError(`the ${what} of ${label} has changed since this run began`);
}

/** Whether a server compresses the bytes although it was asked not to: what is read is not the file. */
export const isPacked = ({ headers }: AnswerHead): boolean =>
  (headers["content-encoding"] ?? "identity") !== "identity";

/** The outcome of an answer without what was asked for: a few more tries are made. */
export function notAsAsked(label: string, { status }: AnswerHead, why: string): Outcome<never> {
  const error = new SourceRefusedError(label, status, why);
  return { ok: false, failure: { kind: "unproven", why }, reachedBytes: 0, error };
}
