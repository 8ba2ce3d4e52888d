/** What a standalone function resolves to: a value, or an error that was not thrown. */
export type Result<T, E = unknown> =
  | {
      /** Whether it is a value. */
      ok: true;
      /** What was asked for. */
      value: T;
      /** Never with a value. */
      error?: never;
    }
  | {
      /** Whether it is a value. */
      ok: false;
      /** Never with an error. */
      value?: never;
      /** What went wrong. */
      error: E;
    };

/** A result that is a value. */
export function OK<V>(value: V): Result<V, never> {
  return { ok: true, value };
}

/** A result that is an error. */
export function ERR<E>(error: E): Result<never, E> {
  return { ok: false, error };
}

/**
 * The value of a result.
 *
 * @throws The result's error, as it is.
 */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

/**
 * The value of a result that is still to come.
 *
 * @throws The result's error, as it is.
 */
export async function unwrapAsync<T>(pending: Promise<Result<T>>): Promise<T> {
  return unwrap(await pending);
}
