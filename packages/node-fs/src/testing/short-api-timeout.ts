import { onTestFinished } from "vitest";

/**
 * A call of the API that is not answered is given up sooner than after 30 s; until the test ends. No mock, which
 * would keep every callback that a timer was given, and with it the memory of parts.
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
