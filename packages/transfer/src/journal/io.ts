import { isTransferError, JournalIoError, type AnyTransferError } from "../errors.js";

/** Runs a call of the journal store, and turns its errors into errors of a transfer. */
export async function io<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw ioError(what, error);
  }
}

/** Keeps a store's own transfer error; wraps any other error in JournalIoError. */
export function ioError(what: string, cause: unknown): AnyTransferError {
  if (isTransferError(cause)) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new JournalIoError(`The journal of this transfer could not be ${what}: ${why}`, { cause });
}
