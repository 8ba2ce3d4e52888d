import { vi } from "vitest";

/** A call of the API that is not answered is given up after 0.3 s instead of 30; until the test ends. */
export function shortenApiTimeout(): void {
  const real = setTimeout;
  const shortened = (work: () => void, ms?: number): NodeJS.Timeout =>
    real(work, ms === 30_000 ? 300 : ms);
  vi.spyOn(globalThis, "setTimeout").mockImplementation(shortened);
}
