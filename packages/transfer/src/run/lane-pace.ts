import {
  isEcho,
  isSettled,
  measured,
  mostSteppedLanes,
  slowedDown,
  startPace,
  type Pace,
} from "../pace.js";
import { MiB } from "../plan.js";
import type { Clock, LearnedLink } from "../ports.js";
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
  #firstSteps: FirstSteps;
  readonly #startLanes: number;
  /** What an earlier transfer moved over the present lanes, until that is compared; 0 where there is nothing to compare. */
  #expectedBytesPerSecond = 0;
  #hasLearned = false;
  /** How long answers take. */
  readonly delay: LinkDelay;
  /** What all lanes move together. */
  readonly rate: LinkRate;

  constructor(clock: Clock, startLanes: number, maxLanes: number) {
    this.#clock = clock;
    this.delay = new LinkDelay(clock);
    this.rate = new LinkRate(clock);
    this.#firstSteps = new FirstSteps(this.delay);
    this.#startLanes = startLanes;
    this.#windowFromMs = clock.monotonicMs();
    this.#pace = startPace(startLanes, maxLanes, this.#windowFromMs);
  }

  get lanes(): number {
    return this.#pace.lanes;
  }

  /** Starts with the lanes that an earlier transfer ended with, 16 at most. If they move less than half of what it moved, they are forgotten. */
  expect(learned: LearnedLink): void {
    if (this.#hasLearned) return;
    this.#hasLearned = true;
    this.#expectedBytesPerSecond = learned.bytesPerSecond;
    this.#firstSteps.end();
    const lanes = Math.min(learned.lanes, mostSteppedLanes);
    this.#pace = startPace(lanes, this.#pace.maxLanes, this.#clock.monotonicMs());
  }

  /** What the next transfer should begin with; null if nothing was measured. */
  get learned(): LearnedLink | null {
    const { best } = this.#pace;
    return best.bytesPerSecond > 0 ? best : null;
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

  /** Whether the first measurement contradicts what was learned earlier. */
  #isOtherLink(bytesPerSecond: number): boolean {
    const expected = this.#expectedBytesPerSecond;
    this.#expectedBytesPerSecond = 0;
    this.#hasLearned = true;
    return bytesPerSecond < expected * sameLinkShare;
  }

  /** Parts may be so few that a window has no answers; then those of a longer time count, unless the rate has fallen since. */
  #isFull(hasRoom: boolean, nowMs: number): boolean {
    const recent = this.delay.since(this.#windowFromMs);
    if (recent !== "unknown" || hasRoom) return recent === "risen";
    return this.delay.since(nowMs - longDelayMs) === "risen";
  }

  #measure(bytes: number, passedMs: number, busyMs: readonly number[]): void {
    const busyShare = busiest(this.#windowFromBusyMs, busyMs) / passedMs;
    const nowMs = this.#clock.monotonicMs();
    const hasRoom = this.rate.spareBytesPerMs > 0;
    const isFull = this.#isFull(hasRoom, nowMs);
    // Connections filled the link when they were new, and losses have slowed them down since.
    if (hasRoom && !isFull) this.#pace = { ...this.#pace, holdUntilMs: nowMs };
    const bytesPerSecond = (bytes / passedMs) * 1000;
    if (this.#isOtherLink(bytesPerSecond)) {
      this.#firstSteps = new FirstSteps(this.delay);
      this.#pace = startPace(this.#startLanes, this.#pace.maxLanes, nowMs);
    } else this.#pace = measured(this.#pace, bytesPerSecond, nowMs, isFull ? 1 : busyShare);
  }
}

/** What a transfer learned holds for the next one if that moves at least this share of it. */
const sameLinkShare = 0.5;

const longDelayMs = 10_000;

/** Whether a window says something about the link. */
const isEnough = (passedMs: number, bytesPerLane: number): boolean =>
  passedMs >= windowMs &&
  (bytesPerLane >= windowBytesPerLane ||
    (passedMs >= longWindowMs && bytesPerLane >= longWindowBytesPerLane));

/** The largest increase of any of the busy times. */
const busiest = (before: readonly number[], now: readonly number[]): number =>
  Math.max(0, ...now.map((ms, index) => ms - (before[index] ?? 0)));
