import type { Clock } from "../ports.js";

/** How long answers take, compared with the fastest answer of the run. `risen`: a queue of the link is full. */
export type Delay = "unknown" | "flat" | "risen";

/**
 * Distinguishes a full link from slow connections: on a full link packets wait in a queue, so every answer
 * takes longer. Only answers of the same kind are compared.
 */
export class LinkDelay {
  readonly #clock: Clock;
  readonly #kinds = new Map<string, { leastMs: number; samples: { atMs: number; ms: number }[] }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param kind What was asked for, and over which kind of connection. */
  answered(kind: string, ms: number): void {
    const known = this.#kinds.get(kind) ?? { leastMs: Infinity, samples: [] };
    const samples = [
      ...known.samples.slice(1 - mostSamples),
      { atMs: this.#clock.monotonicMs(), ms },
    ];
    this.#kinds.set(kind, { leastMs: Math.min(known.leastMs, ms), samples });
  }

  /** Compares the answers since `fromMs`. The fastest counts: a lost packet or a slow server delays only some. */
  since(fromMs: number): Delay {
    const delays = [...this.#kinds.values()].flatMap(({ leastMs, samples }) => {
      const recent = samples.filter(({ atMs }) => atMs > fromMs).map(({ ms }) => ms);
      if (recent.length < fewestSamples) return [];
      return Math.min(...recent) > leastMs * risenTimes + risenMs
        ? ["risen" as const]
        : ["flat" as const];
    });
    if (delays.length === 0) return "unknown";
    return delays.includes("risen") ? "risen" : "flat";
  }
}

const mostSamples = 32;
const fewestSamples = 2;
/** The queue of a usual router adds at least half of a round trip when it is full. */
const risenTimes = 1.4;
const risenMs = 15;
