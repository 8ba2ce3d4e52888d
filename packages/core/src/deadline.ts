import { RequestAbortedError, RequestTimeoutError, type HTTPClientError } from "./client-errors.js";
import { isTimeoutError } from "./failure.js";

/** Above this, timers fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Runs `work` until it is done, `callerSignal` aborts or `timeoutMs` is over, whichever is first; the
 * last two at once, even where `work` doesn't listen. Leaves neither timer nor listener behind.
 *
 * `AbortSignal.any` would do half of this, and its signals stay on a long-lived one for as long as
 * that lives (nodejs/node#54614).
 *
 * @param timeoutMs 0 or less is no limit.
 * @throws {RequestAbortedError | RequestTimeoutError} It was ended; the signal given to `work` has
 *   the same error as its reason.
 */
export async function withDeadline<T>(
  callerSignal: AbortSignal | undefined,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (callerSignal?.aborted) throw abortedBy(callerSignal);
  const ending = new AbortController();
  let end: (error: HTTPClientError) => void = () => {};
  const ended = new Promise<never>((_, reject) => {
    end = (error) => {
      reject(error);
      ending.abort(error);
    };
  });
  const onAbort = () => callerSignal && end(abortedBy(callerSignal));
  const onTimeout = () => end(new RequestTimeoutError(`No complete answer within ${timeoutMs} ms`));
  const timer =
    timeoutMs > 0 ? setTimeout(onTimeout, Math.min(timeoutMs, longestTimerMs)) : undefined;
  callerSignal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work(ending.signal), ended]);
  } finally {
    clearTimeout(timer);
    callerSignal?.removeEventListener("abort", onAbort);
  }
}

/** @throws {RequestAbortedError | RequestTimeoutError} The signal aborted before the time was over. */
export async function wait(ms: number, callerSignal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await withDeadline(callerSignal, 0, () => {
      return new Promise<void>(
        (resolve) => (timer = setTimeout(resolve, Math.min(ms, longestTimerMs))),
      );
    });
  } finally {
    clearTimeout(timer);
  }
}

function abortedBy(signal: AbortSignal): HTTPClientError {
  const cause = signal.reason;
  return isTimeoutError(cause)
    ? new RequestTimeoutError("Request timed out", { cause })
    : new RequestAbortedError("Request aborted by client", { cause });
}
