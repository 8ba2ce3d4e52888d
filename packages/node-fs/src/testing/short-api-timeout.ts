import { vi } from "vitest";

/** A call of the API that is not answered is given up sooner than after 30 s; until the test ends. */
export function shortenApiTimeout(shortMs = 300): void {
  const real = setTimeout;
  const shortened = (
    work: (...given: unknown[]) => void,
    ms?: number,
    ...given: unknown[]
  ): NodeJS.Timeout => real(work, ms === 30_000 ? shortMs : ms, ...given);
  vi.spyOn(globalThis, "setTimeout").mockImplementation(shortened as typeof setTimeout);
}
