import type { Clock } from "../ports.js";

/** Clocks drift, and a machine may have slept. */
const lastsMs = 30_000;
const mostJumpMs = 500;

interface Told {
  readonly sec: number;
  readonly atMs: number;
  readonly atWallMs: number;
}

/** The server's clock, as one transfer has heard it and others that follow soon may use it. */
export class ServerTime {
  readonly #clock: Clock;
  #told: Told | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Unix seconds; null if nothing was heard lately. */
  get nowSec(): number | null {
    if (this.#told === null) return null;
    const { sec, atMs, atWallMs } = this.#told;
    const sinceMs = this.#clock.monotonicMs() - atMs;
    const jumpMs = Math.abs(this.#clock.wallMs() - atWallMs - sinceMs);
    if (sinceMs > lastsMs || jumpMs > mostJumpMs) return null;
    return sec + Math.floor(sinceMs / 1000);
  }

  /** An answer has just told it. */
  heard(sec: number): void {
    this.#told = { sec, atMs: this.#clock.monotonicMs(), atWallMs: this.#clock.wallMs() };
  }
}
