import { Waiters } from "./waiters.js";

/** What the end of a try says about the link; "nothing" if we ended it ourselves. */
export type LinkState = "up" | "down" | "nothing";

/**
 * Stops all lanes at once when everything fails: after `most` failures without a success between
 * them, one try at a time continues as a probe, and the first success lets all of them through again.
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

  /**
   * Runs a try, after waiting while another one is the probe. A try that throws says nothing about the
   * link: it was ended by us, as when another connection takes its part over.
   *
   * @param linkAfter Tells failures of the link from answers.
   */
  async through<T>(
    signal: AbortSignal,
    tryOnce: () => Promise<T>,
    linkAfter: (outcome: T) => LinkState,
  ): Promise<T> {
    while (this.open && this.#probing) await this.#waiters.wait(signal);
    const isProbe = this.open;
    if (isProbe) this.#probing = true;
    try {
      const outcome = await tryOnce();
      this.#count(linkAfter(outcome));
      return outcome;
    } finally {
      if (isProbe) this.#probing = false; // not so for a try that began before everything failed
      this.#waiters.wake();
    }
  }

  #count(link: LinkState): void {
    if (link === "up") this.#failures = 0;
    if (link === "down") this.#failures++;
  }
}
