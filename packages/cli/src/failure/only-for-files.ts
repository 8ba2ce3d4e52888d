import { UsageError } from "./usage-error.js";

/** Keyed by flag: the value that was given, and why the flag has no meaning for a pipe. */
export type OnlyForFiles = Readonly<Record<string, readonly [given: unknown, why: string]>>;

/**
 * Refuses flags that have no meaning for a pipe.
 *
 * @param advice What to do instead.
 * @throws {UsageError} One of these flags is given.
 */
export function refuseForPipe(flags: OnlyForFiles, advice: string): void {
  const found = Object.entries(flags).find(([, [given]]) => given !== undefined);
  if (found === undefined) return;
  const [flag, [, why]] = found;
  throw new UsageError(`${flag} is for files. ${why}`, advice);
}
