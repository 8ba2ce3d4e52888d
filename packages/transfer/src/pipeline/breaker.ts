import { Waiters } from "./waiters.js";

/**
 * Stops all lanes at once when everything fails: after `most` failures without a success between
 * them, one try at a time goes on as a probe, and the first success lets all of them through again.
 */
export class Breaker {
  readonly #most: number;
  readonly #waiters = new Waiters();
  #failures = 0;
  #probing = false;

  constructor(most: number) {
    this.#most = most;
  }

  get open(): boolean {
    return this.#failures >= this.#most;
  }

  /** Runs a try, after waiting while another one is the probe. `isDown` tells failures of the link from answers. */
  async through<T>(
    signal: AbortSignal,
    tryOnce: () => Promise<T>,
    isDown: (outcome: T) => boolean,
  ): Promise<T> {
    while (this.open && this.#probing) await this.#waiters.wait(signal);
    const isProbe = this.open;
    if (isProbe) this.#probing = true;
    let down = true;
    try {
      const outcome = await tryOnce();
      down = isDown(outcome);
      return outcome;
    } finally {
      this.#failures = down ? this.#failures + 1 : 0;
      if (isProbe) this.#probing = false; // not so for a try that began before everything failed
      this.#waiters.wake();
    }
  }
}
