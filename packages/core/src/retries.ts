/** How long to wait between tries. All in milliseconds but `exponent`. */
export interface BackoffStrategy {
  /** The longest wait before the second try. */
  initialInterval: number;
  /** No wait is longer, whatever the answer's `Retry-After` says. */
  maxInterval: number;
  /** Each wait is at most this many times the one before. */
  exponent: number;
  /** From the first try on; a wait that would end later is not begun. */
  maxElapsedTime: number;
}

/** Whether a call is tried again, and how. */
export type RetryConfig =
  | {
      /** Each call is made once. */
      strategy: "none";
    }
  | {
      /** With waits between the tries that grow. */
      strategy: "backoff";
      /** How long to wait between tries, and when to give up. @default {@link defaultBackoff} */
      backoff?: BackoffStrategy;
      /** Also when no answer came, or none in time. @default false */
      retryConnectionErrors?: boolean;
    };

/** Half a second, growing by half each time to a minute, for an hour: the vendor's. */
export const defaultBackoff: Readonly<BackoffStrategy> = {
  initialInterval: 500,
  maxInterval: 60_000,
  exponent: 1.5,
  maxElapsedTime: 3_600_000,
};

/** The statuses that another try may mend, unless `retryCodes` says otherwise. */
export const defaultRetryCodes: readonly string[] = ["429", "500", "502", "503", "504"];

/**
 * The wait before a retry, between half of it and all of it, so that clients that failed together
 * don't come back together.
 *
 * @param retry 0 for the first retry.
 * @param random 0 to 1: half of the wait to all of it.
 * @returns Milliseconds, at most `maxInterval`.
 */
export function backoffMs(
  retry: number,
  backoff: Pick<BackoffStrategy, "initialInterval" | "maxInterval" | "exponent">,
  random: number,
): number {
  const grown = backoff.initialInterval * backoff.exponent ** retry;
  return Math.max(0, Math.min(grown, backoff.maxInterval)) * (0.5 + random / 2);
}

/**
 * What a `Retry-After` header asks for.
 *
 * @param value The header: seconds, or a date as in RFC 9110, section 5.6.7.
 * @param nowMs Unix milliseconds; best by the clock that wrote the header, the answer's `Date`.
 * @returns Milliseconds from 0, unbounded; undefined where the header is absent or garbage.
 */
export function retryAfterMs(value: string | null | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // `Date.parse` alone would take "1.5" for a day in 2001; every HTTP date begins with a weekday.
  const atMs = /^(mon|tue|wed|thu|fri|sat|sun)/i.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/**
 * How long to wait before the next try.
 *
 * @param tried.retryAfterMs Wins over the backoff, unless it is 0: no server wants to be stormed.
 * @returns Milliseconds, at most `maxInterval`; undefined where `maxElapsedTime` would be over.
 */
export function nextWaitMs(
  tried: { retries: number; elapsedMs: number; retryAfterMs: number | undefined; random: number },
  backoff: BackoffStrategy,
): number | undefined {
  const waitMs = tried.retryAfterMs
    ? Math.min(tried.retryAfterMs, backoff.maxInterval)
    : backoffMs(tried.retries, backoff, tried.random);
  // This way around, so that an option which is no number ends it.
  return tried.elapsedMs + waitMs <= backoff.maxElapsedTime ? waitMs : undefined;
}

/** Whether a status is one of `codes`: `"503"`, or a family such as `"5XX"`. */
export function matchesStatus(status: number, codes: readonly string[]): boolean {
  const actual = String(status);
  return codes.some((code) =>
    /^[1-9]xx$/i.test(code) ? code[0] === actual[0] && actual.length === 3 : code === actual,
  );
}
