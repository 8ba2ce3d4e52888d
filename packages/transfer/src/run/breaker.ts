import { Waiters } from "../promises/waiters.js";

/** What the end of a try says about the link; "nothing" if the engine ended it. */
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
   * Waits until a try may begin: while the breaker is open, one try at a time is the probe.
   *
   * @returns A function to call once, when the try has ended, with what its end says about the link.
   */
  async enter(signal: AbortSignal): Promise<(link: LinkState) => void> {
    while (this.open && this.#probing) await this.#waiters.wait(signal);
    const isProbe = this.open;
    if (isProbe) this.#probing = true;
    return (link) => {
      if (link === "up") this.#failures = 0;
      if (link === "down") this.#failures++;
      if (isProbe) this.#probing = false; // a try that began before the breaker opened does not count
      this.#waiters.wake();
    };
  }
}
