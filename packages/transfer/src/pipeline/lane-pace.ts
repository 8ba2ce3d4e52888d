import { isEcho, isSettled, measured, slowedDown, startPace, type Pace } from "../pace.js";
import { MiB } from "../plan.js";
import type { Clock } from "../ports.js";

/** Over how long throughput is measured, at least, before the number of lanes is thought over. */
const windowMs = 700;
/** Bytes are told by slices of up to 1 MiB: fewer for each lane would be mostly chance. */
const windowBytesPerLane = 4 * MiB;

/** What is seen of a run, now and then. */
export interface Observed {
  readonly movedBytes: number;
  /** Lanes that run; those that are to end go on until their part is through. */
  readonly running: number;
  /** Whether every lane has work; a window with idle lanes tells nothing about the link. */
  readonly full: boolean;
  /** See `Platform.busyMs`. */
  readonly busyMs: () => readonly number[];
}

/** Holds the pace of one run, and feeds it with windows that say something. */
export class LanePace {
  readonly #clock: Clock;
  #pace: Pace;
  #windowFromMs: number;
  #windowFromBytes = 0;
  #windowFromBusyMs: readonly number[] = [];

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
    const { best, lanes } = this.#pace;
    this.#pace = {
      ...this.#pace,
      maxLanes: most,
      lanes: Math.min(lanes, most),
      best: { ...best, lanes: Math.min(best.lanes, most) },
    };
  }

  /** @param running As in `Observed`. */
  slowDown(running: number): void {
    const nowMs = this.#clock.monotonicMs();
    if (!isEcho(this.#pace, running, nowMs)) this.#pace = slowedDown(this.#pace, nowMs);
  }

  observe({ movedBytes, running, full, busyMs }: Observed): void {
    const nowMs = this.#clock.monotonicMs();
    const passedMs = nowMs - this.#windowFromMs;
    const says = full && running === this.#pace.lanes;
    if (says && isSettled(this.#pace, this.#windowFromMs)) {
      const bytes = movedBytes - this.#windowFromBytes;
      if (passedMs < windowMs || bytes < windowBytesPerLane * running) return;
      this.#pace = measured(
        this.#pace,
        (bytes / passedMs) * 1000,
        nowMs,
        busiest(this.#windowFromBusyMs, busyMs()) / passedMs,
      );
    }
    this.#windowFromMs = nowMs;
    this.#windowFromBytes = movedBytes;
    this.#windowFromBusyMs = busyMs();
  }
}

/** By how much the one that was at work longest went up. */
const busiest = (before: readonly number[], now: readonly number[]): number =>
  Math.max(0, ...now.map((ms, index) => ms - (before[index] ?? 0)));
