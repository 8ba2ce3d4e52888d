import { UsageError } from "./usage-error.js";

/** @throws {UsageError} One of these options is given, and means nothing for a pipe. */
export function refuseForPipe(given: Readonly<Record<string, unknown>>): void {
  const flag = Object.keys(given).find((one) => given[one] !== undefined);
  if (flag === undefined) return;
  throw new UsageError(`${flag} is for files.`, "Leave it out for a pipe.");
}
