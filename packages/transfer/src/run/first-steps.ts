import { hold, maySteps, stepped, type Pace } from "../pace.js";
import { MiB } from "../plan.js";
import type { LinkDelay } from "./link-delay.js";

/** One look at a running transfer. */
export interface Observed {
  readonly movedBytes: number;
  /** Lanes that run, those included that end after their present part. */
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
/** A lane that moves less than this is too slow to be divided further. */
const leastLaneBytes = MiB / 16;

/**
 * The first seconds of a run over slow connections (lost packets, or a store that limits each): doubles the
 * lanes each second, until slower answers show that the link is full. Throughput is not used, since the
 * system's send buffers take more in these seconds than the link moves.
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

  /** Ends the doubling, since the store asked for fewer requests. From now on throughput decides. */
  end(): void {
    this.#isOver = true;
  }

  /** Returns the pace after a look in which every lane had work. */
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
