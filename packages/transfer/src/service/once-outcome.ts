import type { Outcome } from "../request/persist.js";

/** What core says of a call. */
export type Answer<T> = { ok: true; value: T } | { ok: false; error: unknown };

/** What became of a call whose effect cannot be undone by calling again. */
export type OnceOutcome<T> =
  | { readonly as: "done"; readonly value: T }
  /** The service said no, for good, with this status. */
  | { readonly as: "refused"; readonly status: number; readonly error: unknown }
  /** The service said no for now, and did nothing. */
  | { readonly as: "not-now"; readonly outcome: Outcome<never> }
  /** It may have taken effect or not; `outcome` is for trying again after a look. */
  | { readonly as: "unknown"; readonly outcome: Outcome<never> };
