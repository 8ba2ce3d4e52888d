import { hold, maySteps, stepped, type Pace } from "../pace.js";
import { MiB } from "../plan.js";
import type { LinkDelay } from "./link-delay.js";

/** What is seen of a run, now and then. */
export interface Observed {
  readonly movedBytes: number;
  /** Lanes that run; those that are to end continue until their part is through. */
  readonly running: number;
  /** Whether every lane has work; a window with idle lanes tells nothing about the link. */
  readonly full: boolean;
  /** Whether a limit of the caller holds the lanes back. */
  readonly limited: boolean;
  /** See `Platform.busyMs`. */
  readonly busyMs: () => readonly number[];
}

/** A lane that moves more than this per second is fast enough to be measured at once. */
const slowLaneBytes = 4 * MiB;
/** With less, more lanes would only share next to nothing. */
const leastLaneBytes = MiB / 16;

/**
 * The start over connections that are slow each, since packets get lost or the store gives each so much: lanes are doubled
 * each second, until answers show that the link is full. What is measured in the first seconds would say little, since the
 * system's buffers take more than the link moves.
 */
export class FirstSteps {
  readonly #delay: LinkDelay;
  #isOver = false;
  #steps = 0;
  #movingFromMs = 0;
  #fromBytes = 0;

  constructor(delay: LinkDelay) {
    this.#delay = delay;
  }

  /** The store asked for less: from now on everything is measured. */
  end(): void {
    this.#isOver = true;
  }

  /** The pace after a look in which every lane had work. */
  next(pace: Pace, { movedBytes, running, limited }: Observed, nowMs: number): Pace {
    if (movedBytes === 0) this.#movingFromMs = nowMs;
    const fromMs = Math.max(this.#movingFromMs, pace.sinceMs);
    if (this.#isOver || !maySteps(pace, fromMs, nowMs)) return pace;
    const laneBytes = (((movedBytes - this.#fromBytes) / running) * 1000) / (nowMs - fromMs);
    // The first answers came before the lanes could fill the link.
    const delay = this.#steps === 0 ? "flat" : this.#delay.since(pace.sinceMs);
    if (limited || laneBytes > slowLaneBytes || delay === "risen") {
      this.#isOver = true;
      return delay === "risen" ? hold(pace, nowMs) : pace;
    }
    if (delay === "unknown" || laneBytes < leastLaneBytes) return pace;
    this.#steps++;
    this.#fromBytes = movedBytes;
    return stepped(pace, nowMs);
  }
}
