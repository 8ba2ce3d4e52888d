import { isTransferError, JournalIoError, type AnyTransferError } from "../errors.js";

/** Has a store of journals do its work, and turns what it rejects with into an error of a transfer. */
export async function io<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw ioError(what, error);
  }
}

/** A store may have a better error of its own. */
export function ioError(what: string, cause: unknown): AnyTransferError {
  if (isTransferError(cause)) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new JournalIoError(`The journal of this transfer could not be ${what}: ${why}`, { cause });
}
