import { randomBytes } from "node:crypto";

/** A base 64 alphabet in the order of its bytes, which is the order in which a bucket lists. */
const DIGITS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const TIME_DIGITS = 8;
const LATEST_MS = 64 ** TIME_DIGITS - 1;

/**
 * Makes ids that a bucket lists newest first: eight digits of time, counted down, and 72 random bits. Those of
 * one server strictly decrease, even if its clock goes back; between servers, their clocks decide.
 */
export function imageIds(): (nowMs: number) => string {
  let lastMs = 0;
  return (nowMs) => {
    lastMs = Math.max(lastMs + 1, nowMs);
    return `image_${digitsOf(LATEST_MS - lastMs)}${randomDigits(12)}`;
  };
}

/**
 * Returns the start of ids that are newer than another by up to this time.
 *
 * @returns A key that sorts before all of them; undefined if they may be the newest of all.
 */
export function newerBound(id: string, ms: number): string | undefined {
  const digits = id.replace(/^image_/, "").slice(0, TIME_DIGITS);
  const value = Array.from(digits).reduce((sum, digit) => sum * 64 + DIGITS.indexOf(digit), 0);
  return value > ms ? `image_${digitsOf(value - ms)}` : undefined;
}

function digitsOf(value: number): string {
  const digits: string[] = [];
  for (let left = value; digits.length < TIME_DIGITS; left = Math.floor(left / 64)) {
    digits.unshift(DIGITS[left % 64]!);
  }
  return digits.join("");
}

const randomDigits = (count: number): string =>
  [...randomBytes(count)].map((byte) => DIGITS[byte % 64]!).join("");
