import type { Clock, LearnedLink } from "../ports.js";
import type { Observed } from "./first-steps.js";
import { LanePace } from "./lane-pace.js";
import type { LinkDelay } from "./link-delay.js";
import type { LinkRate } from "./link-rate.js";

/** How many lanes one run may use, and what it tells of them. */
export interface RunPace extends Pick<
  LanePace,
  "lanes" | "rate" | "learned" | "expect" | "limit" | "slowDown"
> {
  /** Told how long answers take. */
  readonly delay: Pick<LinkDelay, "answered">;
  /**
   * Takes what was seen of the run, ten times a second.
   *
   * @param atWork Lanes that have a part to work on.
   */
  observe(observed: Observed, atWork: number): void;
}

/** What one run told last. */
interface Told {
  readonly atMs: number;
  readonly movedBytes: number;
  readonly atWork: number;
}

/** Runs tell ten times a second; what was told longer ago is of a run that moves nothing any more. */
const lastsMs = 250;
const lookEveryMs = 90;

/** One pace for all transfers that share a link: one number of lanes, learned from what all of them move together. */
export class SharedPace {
  readonly #clock: Clock;
  readonly #pace: LanePace;
  readonly #onLook: () => void;
  readonly #told = new Map<RunPace, Told>();
  #movedBytes = 0;
  #lookedMs = -Infinity;

  constructor(clock: Clock, startLanes: number, maxLanes: number, onLook: () => void) {
    this.#clock = clock;
    this.#pace = new LanePace(clock, startLanes, maxLanes);
    this.#onLook = onLook;
  }

  /** Lanes of all transfers together. */
  get lanes(): number {
    return this.#pace.lanes;
  }

  get delay(): LinkDelay {
    return this.#pace.delay;
  }

  get rate(): LinkRate {
    return this.#pace.rate;
  }

  get learned(): LearnedLink | null {
    return this.#pace.learned;
  }

  expect(learned: LearnedLink): void {
    this.#pace.expect(learned);
  }

  /** The pace of one run. */
  forRun(): RunPace {
    return new PaceOfRun(this);
  }

  slowDown(): void {
    this.#pace.slowDown(Math.min(this.#atWork(), this.lanes));
  }

  /** One run has looked at its lanes. */
  tell(by: RunPace, observed: Observed, atWork: number): void {
    const nowMs = this.#clock.monotonicMs();
    const { movedBytes } = observed;
    // A run that reads back what it has sent counts from zero again.
    const before = Math.min(this.#told.get(by)?.movedBytes ?? 0, movedBytes);
    this.#movedBytes += movedBytes - before;
    this.#told.set(by, { atMs: nowMs, movedBytes, atWork });
    if (nowMs - this.#lookedMs < lookEveryMs) return;
    this.#lookedMs = nowMs;
    for (const [run, { atMs }] of this.#told) if (nowMs - atMs > lastsMs) this.#told.delete(run);
    this.#look(observed);
    this.#onLook();
  }

  #look({ limited, busyMs }: Observed): void {
    const running = Math.min(this.#atWork(), this.lanes);
    const full = running === this.lanes;
    const movedBytes = this.#movedBytes;
    this.#pace.observe({ movedBytes, running, full, limited, busyMs });
  }

  #atWork(): number {
    return [...this.#told.values()].reduce((sum, { atWork }) => sum + atWork, 0);
  }
}

class PaceOfRun implements RunPace {
  readonly #shared: SharedPace;
  #most = Infinity;

  constructor(shared: SharedPace) {
    this.#shared = shared;
  }

  get lanes(): number {
    return Math.min(this.#shared.lanes, this.#most);
  }

  get delay(): LinkDelay {
    return this.#shared.delay;
  }

  get rate(): LinkRate {
    return this.#shared.rate;
  }

  get learned(): LearnedLink | null {
    return this.#shared.learned;
  }

  expect(learned: LearnedLink): void {
    this.#shared.expect(learned);
  }

  limit(maxLanes: number): void {
    this.#most = Math.max(1, Math.min(maxLanes, this.#most));
  }

  slowDown(): void {
    this.#shared.slowDown();
  }

  observe(observed: Observed, atWork: number): void {
    this.#shared.tell(this, observed, atWork);
  }
}
