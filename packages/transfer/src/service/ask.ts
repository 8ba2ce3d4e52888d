import type { Platform } from "../ports.js";
import type { Answer } from "./once-outcome.js";

/** How long one request to the API may take. */
export const apiTimeoutMs = 30_000;

/** Core's options for one try: the engine does the retries. */
interface OneTry {
  readonly fetchOptions: { readonly signal: AbortSignal };
  readonly tryTimeoutMs: number;
  readonly retries: { readonly strategy: "none" };
}

/** Sends a request by the client of the API. */
export type Ask<T> = (options: OneTry) => Promise<Answer<T>>;

/** Sends a request once. An answer that is an error is traced as one. */
export function ask<T>(
  platform: Platform,
  signal: AbortSignal,
  call: string,
  send: Ask<T>,
): Promise<Answer<T>> {
  const retries = { strategy: "none" } as const;
  const work = (): Promise<Answer<T>> =>
    send({ fetchOptions: { signal }, tryTimeoutMs: apiTimeoutMs, retries });
  const errorIn = (answer: Answer<T>): Error | null => (answer.ok ? null : answer.error);
  return platform.traced?.({ kind: "call", call }, work, errorIn) ?? work();
}
