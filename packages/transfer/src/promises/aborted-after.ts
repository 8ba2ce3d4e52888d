import type { Clock } from "../ports.js";

/** A signal with a timer, which `close` ends. */
export interface LateSignal {
  readonly signal: AbortSignal;
  close(): Promise<void>;
}

/** A signal that is aborted `ms` milliseconds after `first`, for the same reason. */
export function abortedAfter(first: AbortSignal, ms: number, clock: Clock): LateSignal {
  const late = new AbortController();
  const closed = new AbortController();
  let waited: Promise<void> = Promise.resolve();
  const onAbort = (): void => {
    waited = clock.wait(ms, closed.signal).then(
      () => late.abort(first.reason),
      () => undefined, // closed
    );
  };
  if (first.aborted) onAbort();
  else first.addEventListener("abort", onAbort, { once: true });
  const close = (): Promise<void> => {
    first.removeEventListener("abort", onAbort);
    closed.abort(new Error("closed"));
    return waited;
  };
  return { signal: late.signal, close };
}
