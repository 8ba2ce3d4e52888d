/**
 * A promise that is kept, to be awaited later or by somebody else. It has a handler from here on: if
 * something else fails first and nobody comes for it, its rejection does not end the process. The one who
 * awaits it is told all the same. The linter wants it for each promise that is stored or passed on.
 */
export function kept<MaybePromise>(promise: MaybePromise): MaybePromise {
  // Pieces of a body go through here too, and most of them wait for nothing.
  if (isThenable(promise)) promise.then(undefined, () => undefined);
  return promise;
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value;

/** Something that happens later, once; waiting for it ends when the signal aborts, and its own end is passed over. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = kept(promise);
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = kept(
    new Promise<never>((_, reject) => {
      onAbort = () => reject(asError(signal.reason));
      signal.addEventListener("abort", onAbort, { once: true });
    }),
  );
  try {
    return await Promise.race([late, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort!);
  }
}

/** The reason of a signal may be any value, and is thrown as it is. */
const asError = (reason: unknown): Error => reason as Error;
