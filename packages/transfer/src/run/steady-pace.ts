import type { Clock } from "../ports.js";
import type { Observed } from "./first-steps.js";
import { LinkRate } from "./link-rate.js";
import type { RunPace } from "./shared-pace.js";

/** How long fewer lanes run; doubled if the store asks for less again soon after. */
const firstHoldMs = 10_000;
const longestHoldMs = 120_000;

/**
 * A fixed number of lanes. If the store asks for fewer requests, half of the lanes run for a
 * while. For pages: browsers allow few connections, so there is nothing to find out.
 */
export class SteadyPace implements RunPace {
  readonly #clock: Clock;
  #mostLanes: number;
  #fewerLanes = Infinity;
  #fewerUntilMs = -Infinity;
  #holdMs = firstHoldMs;
  readonly delay: RunPace["delay"] = { answered: () => undefined };
  readonly rate: LinkRate;
  readonly learned = null;

  constructor(clock: Clock, lanes: number) {
    this.#clock = clock;
    this.rate = new LinkRate(clock);
    this.#mostLanes = lanes;
  }

  get lanes(): number {
    const isHeld = this.#clock.monotonicMs() < this.#fewerUntilMs;
    return isHeld ? Math.min(this.#fewerLanes, this.#mostLanes) : this.#mostLanes;
  }

  /** Does nothing: the number is fixed. */
  expect(): void {}

  limit(maxLanes: number): void {
    this.#mostLanes = Math.max(1, Math.min(maxLanes, this.#mostLanes));
  }

  /** @param running Lanes that run. Those that are to end are refused once more before, which says nothing new. */
  slowDown(running: number): void {
    const { lanes } = this;
    this.rate.slowedDown();
    if (running > lanes) return;
    const nowMs = this.#clock.monotonicMs();
    const isSoon = nowMs < this.#fewerUntilMs + this.#holdMs;
    this.#holdMs = isSoon ? Math.min(this.#holdMs * 2, longestHoldMs) : firstHoldMs;
    this.#fewerLanes = Math.max(1, Math.floor(lanes / 2));
    this.#fewerUntilMs = nowMs + this.#holdMs;
  }

  observe(observed: Observed): void {
    this.rate.observe(observed);
  }
}
