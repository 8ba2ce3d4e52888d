import { kept } from "../promises/kept.js";
import type { Part } from "../plan.js";
import type { Clock } from "../ports.js";

/** A presigned URL and until when it may be used. */
export interface MintedUrl {
  readonly url: string;
  readonly expiresAtSec: number;
}

/** Calls for URLs that may run at once: they are small, and the API is not the store. */
const mostCalls = 8;
/** A URL with less than this left is not begun with. */
const marginMs = 30_000;

/** Mints parts' URLs, where there is time for it before they are needed. */
export class MintedUrls {
  readonly #mint: (part: Part) => Promise<MintedUrl>;
  readonly #clock: Clock;
  /** What waits until one of the calls that run has ended, in the order in which it came. */
  readonly #waiting: (() => void)[] = [];
  #freeCalls = mostCalls;
  readonly #ahead = new Map<number, Promise<MintedUrl>>();

  constructor(clock: Clock, mint: (part: Part) => Promise<MintedUrl>) {
    this.#clock = clock;
    this.#mint = mint;
  }

  /** Asks for the URL now, so that it is there when a lane comes for it. */
  ahead(part: Part): void {
    this.#ahead.set(part.number, kept(this.#mintInTurn(part)));
  }

  /** Waits until every call has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#ahead.values());
  }

  /** The URL of a part, used once: one that was minted ahead if it is still good, else a fresh one. */
  async take(part: Part): Promise<string> {
    const ahead = this.#ahead.get(part.number);
    this.#ahead.delete(part.number);
    const minted = await ahead;
    // Clocks differ: one that is wrong costs a call more, or a 403 that is answered with a fresh URL.
    if (minted !== undefined && minted.expiresAtSec * 1000 - this.#clock.wallMs() > marginMs) {
      return minted.url;
    }
    return (await this.#mintInTurn(part)).url;
  }

  async #mintInTurn(part: Part): Promise<MintedUrl> {
    if (this.#freeCalls > 0) this.#freeCalls--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#mint(part);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#freeCalls++;
      else next();
    }
  }
}
