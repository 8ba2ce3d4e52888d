import { InvalidOptionError } from "./errors.js";

/** @throws {InvalidOptionError} It is no whole number of this range. */
export function wholeNumber(option: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new InvalidOptionError(option, value, `a whole number from ${least} to ${most}`);
  }
}

/** The value of an option that has a few; the first is the default. @throws {InvalidOptionError} It is none of them. */
export function oneOf<T extends string>(
  option: string,
  given: T | undefined,
  values: readonly [T, ...T[]],
): T {
  const value = given ?? values[0];
  if (!values.includes(value))
    throw new InvalidOptionError(option, value, `one of ${values.join(", ")}`);
  return value;
}

/** What `maxBytesPerSecond` says, each time it is asked. @throws {InvalidOptionError} It is no number, or too small. */
export function rateOf(given: number | (() => number) | undefined): () => number {
  if (given === undefined) return () => Infinity;
  if (typeof given === "function") return () => Math.max(minRate, rate(given()));
  if (rate(given) < minRate) {
    throw new InvalidOptionError("maxBytesPerSecond", given, `at least ${minRate}`);
  }
  return () => given;
}

function rate(given: number): number {
  if (typeof given === "number" && !Number.isNaN(given)) return given;
  throw new InvalidOptionError("maxBytesPerSecond", given, `a number, at least ${minRate}`);
}

const minRate = 1024;

/** Returns a SHA-256 in lower case. @throws {InvalidOptionError} It is not 64 hex digits. */
export function checkSha256(option: string, given: string): string {
  if (typeof given === "string" && /^[0-9a-f]{64}$/i.test(given)) return given.toLowerCase();
  throw new InvalidOptionError(option, given, "a SHA-256: 64 hex digits");
}

/** Does what `checkSha256` does; returns null if none was given. */
export const sha256OrNull = (option: string, given: string | undefined): string | null =>
  given === undefined ? null : checkSha256(option, given);
