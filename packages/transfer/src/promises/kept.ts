/**
 * Adds a handler to a promise that is stored or passed on, and returns the same promise. Without a handler, its
 * rejection would end a Node process if something else fails first and it is never awaited. Code that awaits it
 * still gets the error. A lint rule demands it.
 */
export function kept<MaybePromise>(promise: MaybePromise): MaybePromise {
  // Called for each piece of a body, where most values are no promises.
  if (isThenable(promise)) promise.then(undefined, () => undefined);
  return promise;
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value;

/**
 * Waits for a promise, but no longer than until the signal aborts; then what becomes of the promise is ignored.
 *
 * @throws What the promise rejects with, or the signal's reason.
 */
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

/** The reason of a signal may be any value; it is thrown unchanged. */
const asError = (reason: unknown): Error => reason as Error;

/**
 * Does `work`, then closes what an adapter opened for it, on every path.
 *
 * @throws What `work` throws, also where closing fails as well; else what closing throws.
 */
export async function closing<T>(
  opened: { close(): Promise<void> },
  work: () => Promise<T>,
): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await opened.close().catch(() => undefined); // the first error says more
    throw error;
  }
  await opened.close();
  return result;
}
