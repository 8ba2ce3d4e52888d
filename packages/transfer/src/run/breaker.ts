import { Waiters } from "../promises/waiters.js";

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
   * Lets a try begin, after waiting while another one is the probe.
   *
   * @returns To be called once, when the try has ended, with what its end says.
   */
  async enter(signal: AbortSignal): Promise<(link: LinkState) => void> {
    while (this.open && this.#probing) await this.#waiters.wait(signal);
    const isProbe = this.open;
    if (isProbe) this.#probing = true;
    return (link) => {
      if (link === "up") this.#failures = 0;
      if (link === "down") this.#failures++;
      if (isProbe) this.#probing = false; // not so for a try that began before everything failed
      this.#waiters.wake();
    };
  }
}
