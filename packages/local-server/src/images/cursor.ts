import { createHash } from "node:crypto";

/** Of the check at a cursor's end. */
const CHECK_LENGTH = 6;

/**
 * A cursor: a place in a list. It stays valid after its image is deleted. Text that we never gave out is not a
 * cursor.
 */
export const cursorOf = (place: string): string => `imagec_${place}${checkOf(place)}`;

/** @returns The place; undefined for a cursor that we never gave out. */
export function placeOf(cursor: string): string | undefined {
  const text = cursor.replace(/^imagec_/, "");
  const place = text.slice(0, -CHECK_LENGTH);
  return cursorOf(place) === cursor ? place : undefined;
}

const checkOf = (place: string): string =>
  createHash("sha256").update(place).digest("base64url").slice(0, CHECK_LENGTH);
