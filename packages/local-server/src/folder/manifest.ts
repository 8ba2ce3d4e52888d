import { createHash } from "node:crypto";

/** One part in the image's folder. */
export interface StoredPart {
  readonly number: number;
  readonly bytes: number;
  /** 32 lower-case hex digits. */
  readonly md5: string;
  /**
   * Increases with each part that arrives. A crash may leave two files of one number; the one with the higher
   * turn counts.
   */
  readonly turn: number;
}

/** The parts of a completed image, 1 to n in order. */
export type Manifest = readonly StoredPart[];

export const partFileName = (part: StoredPart): string =>
  `part-${String(part.number).padStart(5, "0")}-${part.turn}-${part.md5}`;

export function parsePartFileName(name: string): Omit<StoredPart, "bytes"> | undefined {
  const match = /^part-(\d{5})-(\d+)-([0-9a-f]{32})$/.exec(name);
  return match ? { number: Number(match[1]), turn: Number(match[2]), md5: match[3]! } : undefined;
}

/**
 * Returns the ETag of an image: stable, strong, and made as S3 does it, of the MD5 of the parts' MD5s and their
 * number.
 */
export function imageEtag(manifest: Manifest): string {
  const hash = createHash("md5");
  for (const part of manifest) hash.update(part.md5, "hex");
  return `"${hash.digest("hex")}-${manifest.length}"`;
}

/** Returns the number of parts, which is in the image's ETag. */
export const partCountOf = (etag: string): number => Number(/-(\d+)"$/.exec(etag)?.[1] ?? 0);
