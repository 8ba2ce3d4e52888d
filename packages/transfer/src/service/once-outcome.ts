import type { Outcome } from "../request/persist.js";

/** The result of one of core's calls. */
export type Answer<T> = { ok: true; value: T } | { ok: false; error: Error };

/** How a call ended that must not be repeated blindly. */
export type OnceOutcome<T> =
  | { readonly as: "done"; readonly value: T }
  /** The service refused it for good, with this status. */
  | { readonly as: "refused"; readonly status: number; readonly error: unknown }
  /** The service refused it for now, and did nothing. */
  | { readonly as: "not-now"; readonly outcome: Outcome<never> }
  /** It may have taken effect. Look first; `outcome` is for the retry after that. */
  | { readonly as: "unknown"; readonly outcome: Outcome<never> };
