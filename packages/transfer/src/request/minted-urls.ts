import pLimit from "p-limit";
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
  readonly #limit = pLimit(mostCalls);
  readonly #ahead = new Map<number, Promise<MintedUrl>>();

  constructor(clock: Clock, mint: (part: Part) => Promise<MintedUrl>) {
    this.#clock = clock;
    this.#mint = mint;
  }

  /** Asks for the URL now, so that it is there when a lane comes for it. */
  ahead(part: Part): void {
    this.#ahead.set(part.number, kept(this.#limit(() => this.#mint(part))));
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
    return (await this.#limit(() => this.#mint(part))).url;
  }
}
