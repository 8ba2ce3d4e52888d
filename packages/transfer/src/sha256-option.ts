import { InvalidOptionError } from "./errors.js";

/** Returns a SHA-256 in lower case. @throws {InvalidOptionError} It is not 64 hex digits. */
export function checkSha256(option: string, given: string): string {
  if (typeof given === "string" && /^[0-9a-f]{64}$/i.test(given)) return given.toLowerCase();
  throw new InvalidOptionError(option, given, "a SHA-256: 64 hex digits");
}

/** Does what `checkSha256` does; returns null if none was given. */
export const sha256OrNull = (option: string, given: string | undefined): string | null =>
  given === undefined ? null : checkSha256(option, given);
