import { onTestFinished } from "vitest";

/**
 * Shortens the 30 s after which an unanswered call of the API is given up, until the test ends. It is no mock: one would keep
 * the callback of every timer, and with it the memory of parts.
 */
export function shortenApiTimeout(shortMs = 300): void {
  const real = setTimeout;
  const shortened = (
    work: (...given: unknown[]) => void,
    ms?: number,
    ...given: unknown[]
  ): NodeJS.Timeout => real(work, ms === 30_000 ? shortMs : ms, ...given);
  globalThis.setTimeout = shortened as typeof setTimeout;
  onTestFinished(() => void (globalThis.setTimeout = real));
}
