/** How long to wait between tries. All in milliseconds but `exponent`. */
export interface BackoffStrategy {
  /** What the waits grow from. The first is up to a second, whatever this is. */
  initialInterval: number;
  /** No wait is longer, whatever the answer's `Retry-After` says. */
  maxInterval: number;
  /** The wait before retry n, from 0, is `initialInterval` times n to this power, and up to a second more. */
  exponent: number;
  /** From the first try on; once it is over, no retry is waited for,
   * nor for a `Retry-After` that ends later. */
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

/** From half a second to a minute, for an hour: the vendor's. */
export const defaultBackoff: Readonly<BackoffStrategy> = {
  initialInterval: 500,
  maxInterval: 60_000,
  exponent: 1.5,
  maxElapsedTime: 3_600_000,
};

/** The statuses that another try may help with, unless `retryCodes` says otherwise. */
export const defaultRetryCodes: readonly string[] = ["429", "500", "502", "503", "504"];

/**
 * The wait before a retry, with up to a second more, so that clients that failed together don't come back together.
 * The curve is the vendor's: code that tunes these values for its SDK makes as many tries here.
 *
 * @param retry 0 for the first retry.
 * @param random 0 to 1: how much of the second.
 * @returns Milliseconds, at most `maxInterval`.
 */
export function backoffMs(
  retry: number,
  backoff: Pick<BackoffStrategy, "initialInterval" | "maxInterval" | "exponent">,
  random: number,
): number {
  const grown = backoff.initialInterval * retry ** backoff.exponent + random * 1000;
  return Math.max(0, Math.min(grown, backoff.maxInterval));
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
 * @returns Milliseconds, at most `maxInterval`; undefined once `maxElapsedTime` is over, or if it will be when
 *   the answer's `Retry-After` ends.
 */
export function nextWaitMs(
  tried: { retries: number; elapsedMs: number; retryAfterMs: number | undefined; random: number },
  backoff: BackoffStrategy,
): number | undefined {
  const askedMs = Math.min(tried.retryAfterMs ?? 0, backoff.maxInterval);
  const waitMs = askedMs || backoffMs(tried.retries, backoff, tried.random);
  // This way around, so that an option which is no number ends it.
  return tried.elapsedMs + askedMs <= backoff.maxElapsedTime && waitMs >= 0 ? waitMs : undefined;
}

/** Whether a status is one of `codes`: `"503"`, or a family such as `"5XX"`. */
export function matchesStatus(status: number, codes: readonly string[]): boolean {
  const actual = String(status);
  return codes.some((code) =>
    /^[1-9]xx$/i.test(code) ? code[0] === actual[0] && actual.length === 3 : code === actual,
  );
}
