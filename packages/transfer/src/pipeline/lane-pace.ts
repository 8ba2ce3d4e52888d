import { isSettled, measured, slowedDown, startPace, type Pace } from "../pace.js";
import type { Clock } from "../ports.js";

/** Over how long throughput is measured before the number of lanes is thought over. */
const windowMs = 700;

/** Holds the pace of one run, and feeds it with windows that say something. */
export class LanePace {
  readonly #clock: Clock;
  #pace: Pace;
  #windowFromMs: number;
  #windowFromBytes = 0;

  constructor(clock: Clock, startLanes: number, maxLanes: number) {
    this.#clock = clock;
    this.#windowFromMs = clock.monotonicMs();
    this.#pace = startPace(startLanes, maxLanes, this.#windowFromMs);
  }

  get lanes(): number {
    return this.#pace.lanes;
  }

  /** No more than this; a budget of memory may allow fewer than the options do. */
  limit(maxLanes: number): void {
    const most = Math.max(1, Math.min(maxLanes, this.#pace.maxLanes));
    this.#pace = { ...this.#pace, maxLanes: most, lanes: Math.min(this.#pace.lanes, most) };
  }

  slowDown(): void {
    this.#pace = slowedDown(this.#pace, this.#clock.monotonicMs());
  }

  /** @param full Whether every lane has work; a window with idle lanes tells nothing about the link. */
  observe(movedBytes: number, full: boolean): void {
    const nowMs = this.#clock.monotonicMs();
    const passedMs = nowMs - this.#windowFromMs;
    if (full && isSettled(this.#pace, this.#windowFromMs)) {
      if (passedMs < windowMs) return;
      const bytesPerSecond = ((movedBytes - this.#windowFromBytes) / passedMs) * 1000;
      this.#pace = measured(this.#pace, bytesPerSecond, nowMs);
    }
    this.#windowFromMs = nowMs;
    this.#windowFromBytes = movedBytes;
  }
}
