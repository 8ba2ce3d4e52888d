import { createHash } from "node:crypto";

/** The length of the check at the end of a cursor. */
const CHECK_LENGTH = 6;

/**
 * Makes a cursor for a place in a list. It stays valid after its image is deleted. Its check tells it from any
 * other text.
 */
export const cursorOf = (place: string): string => `imagec_${place}${checkOf(place)}`;

/** Reads a cursor. @returns The place; undefined if this server did not make it. */
export function placeOf(cursor: string): string | undefined {
  const text = cursor.replace(/^imagec_/, "");
  const place = text.slice(0, -CHECK_LENGTH);
  return cursorOf(place) === cursor ? place : undefined;
}

const checkOf = (place: string): string =>
  createHash("sha256").update(place).digest("base64url").slice(0, CHECK_LENGTH);
