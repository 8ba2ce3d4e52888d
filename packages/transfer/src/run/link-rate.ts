import type { Clock } from "../ports.js";
import type { Observed } from "./first-steps.js";

/** The throughput of all lanes together, second by second: what the link has sustained, and what of that is unused now. */
export class LinkRate {
  readonly #clock: Clock;
  #fromMs: number;
  #fromBytes = 0;
  /** Whether every lane had work at each look of the present second. */
  #isFull = true;
  #isLimited = false;
  #slowedMs = -Infinity;
  /** Bytes per ms in the seconds in which every lane had work. */
  readonly #full: number[] = [];
  /** Bytes per ms in the last seconds. */
  readonly #last: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#fromMs = clock.monotonicMs();
  }

  observe({ movedBytes, full, limited }: Observed): void {
    const nowMs = this.#clock.monotonicMs();
    this.#isFull &&= full;
    this.#isLimited = limited;
    const passedMs = nowMs - this.#fromMs;
    if (passedMs < 1_000) return;
    // A run that reads back what it has sent counts from zero again.
    const rate = Math.max(0, movedBytes - this.#fromBytes) / passedMs;
    if (this.#isFull) remember(this.#full, rate, mostFullSeconds);
    remember(this.#last, rate, lastSeconds);
    [this.#fromMs, this.#fromBytes, this.#isFull] = [nowMs, movedBytes, true];
  }

  /** The store asked for fewer requests. */
  slowedDown(): void {
    this.#slowedMs = this.#clock.monotonicMs();
  }

  /**
   * How many bytes per ms are clearly unused of what the run has sustained. 0 on a full link, under a rate limit, for a
   * while after the store has asked for fewer requests, and where too little is known.
   */
  get spareBytesPerMs(): number {
    const heldBack = this.#clock.monotonicMs() - this.#slowedMs < slowedLastsMs;
    if (this.#isLimited || heldBack || this.#full.length < fewestFullSeconds) return 0;
    const sustained = this.#full.toSorted((a, b) => a - b)[this.#full.length >> 1]!;
    const present = this.#last.reduce((sum, rate) => sum + rate, 0) / this.#last.length;
    const spare = sustained - present;
    return spare < sustained * clearShare ? 0 : spare;
  }
}

function remember(rates: number[], rate: number, most: number): void {
  rates.push(rate);
  if (rates.length > most) rates.shift();
}

const mostFullSeconds = 30;
const fewestFullSeconds = 3;
const lastSeconds = 2;
/** Bytes are told by slices, so that a second's rate may be off by as much on a full link. */
const clearShare = 0.15;
const slowedLastsMs = 60_000;
