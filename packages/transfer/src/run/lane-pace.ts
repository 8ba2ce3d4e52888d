import { isEcho, isSettled, measured, slowedDown, startPace, type Pace } from "../pace.js";
import { MiB } from "../plan.js";
import type { Clock } from "../ports.js";
import { FirstSteps, type Observed } from "./first-steps.js";
import { LinkDelay } from "./link-delay.js";
import { LinkRate } from "./link-rate.js";

/** The shortest window over which throughput is measured before the number of lanes may change. */
const windowMs = 700;
/** Bytes are counted by slices of up to 1 MiB: fewer for each lane would be mostly chance. */
const windowBytesPerLane = 4 * MiB;
/** After this long a window with fewer bytes counts, since slow lanes send small slices. */
const longWindowMs = 2_000;
const longWindowBytesPerLane = MiB / 2;
/** A window that is longer and has too few bytes is dropped. */
const longestWindowMs = 8_000;

/** Measures throughput in windows, and keeps the number of lanes of one run by the rules of `pace.ts`. */
export class LanePace {
  readonly #clock: Clock;
  #pace: Pace;
  #windowFromMs: number;
  #windowFromBytes = 0;
  #windowFromBusyMs: readonly number[] = [];
  readonly #firstSteps: FirstSteps;
  /** How long answers take. */
  readonly delay: LinkDelay;
  /** What all lanes move together. */
  readonly rate: LinkRate;

  constructor(clock: Clock, startLanes: number, maxLanes: number) {
    this.#clock = clock;
    this.delay = new LinkDelay(clock);
    this.rate = new LinkRate(clock);
    this.#firstSteps = new FirstSteps(this.delay);
    this.#windowFromMs = clock.monotonicMs();
    this.#pace = startPace(startLanes, maxLanes, this.#windowFromMs);
  }

  get lanes(): number {
    return this.#pace.lanes;
  }

  /** Sets the most lanes: the memory budget may allow fewer than the options. */
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
    this.#firstSteps.end();
    this.rate.slowedDown();
    if (!isEcho(this.#pace, running, nowMs)) this.#pace = slowedDown(this.#pace, nowMs);
  }

  observe(observed: Observed): void {
    this.rate.observe(observed);
    const { movedBytes, running, full, busyMs } = observed;
    const nowMs = this.#clock.monotonicMs();
    const passedMs = nowMs - this.#windowFromMs;
    const says = full && running === this.#pace.lanes;
    if (says) this.#pace = this.#firstSteps.next(this.#pace, observed, nowMs);
    if (says && isSettled(this.#pace, this.#windowFromMs)) {
      const bytes = movedBytes - this.#windowFromBytes;
      if (isEnough(passedMs, bytes / running)) this.#measure(bytes, passedMs, busyMs());
      else if (passedMs < longestWindowMs) return;
    }
    this.#windowFromMs = nowMs;
    this.#windowFromBytes = movedBytes;
    this.#windowFromBusyMs = busyMs();
  }

  #measure(bytes: number, passedMs: number, busyMs: readonly number[]): void {
    const busyShare = busiest(this.#windowFromBusyMs, busyMs) / passedMs;
    const isFull = this.delay.since(this.#windowFromMs) === "risen";
    const nowMs = this.#clock.monotonicMs();
    this.#pace = measured(this.#pace, (bytes / passedMs) * 1000, nowMs, isFull ? 1 : busyShare);
  }
}

/** Whether a window says something about the link. */
const isEnough = (passedMs: number, bytesPerLane: number): boolean =>
  passedMs >= windowMs &&
  (bytesPerLane >= windowBytesPerLane ||
    (passedMs >= longWindowMs && bytesPerLane >= longWindowBytesPerLane));

/** The largest increase of any of the busy times. */
const busiest = (before: readonly number[], now: readonly number[]): number =>
  Math.max(0, ...now.map((ms, index) => ms - (before[index] ?? 0)));
