import { kept } from "../promises/kept.js";
import type { Part } from "../plan.js";
import type { Clock } from "../ports.js";
import type { Run } from "../run/run.js";
import { checkPresignedUrl, UrlOwners } from "./answers.js";
import type { Api, MintedUrl } from "./api.js";

/** The most calls for URLs at the same time. */
const mostCalls = 8;
/** A URL that expires sooner than this is not used for a new request. */
const marginMs = 30_000;

/** Gets the presigned URLs of parts, ahead of the lanes that need them. */
export class MintedUrls {
  readonly #mint: (part: Part) => Promise<MintedUrl>;
  readonly #clock: Clock;
  /** What waits until one of the calls that run has ended, in the order in which it came. */
  readonly #waiting: (() => void)[] = [];
  #freeCalls = mostCalls;
  readonly #ahead = new Map<number, Promise<MintedUrl>>();
  #tellFirst: (url: string) => void = () => undefined;
  /** Resolves to the first URL, which tells where the store is. Not to be used. */
  readonly first: Promise<string> = kept(
    new Promise<string>((resolve) => (this.#tellFirst = resolve)),
  );

  constructor(clock: Clock, mint: (part: Part) => Promise<MintedUrl>) {
    this.#clock = clock;
    this.#mint = mint;
  }

  /** Asks for a part's URL now, so that a lane need not wait for it. */
  ahead(part: Part): void {
    this.#ahead.set(part.number, kept(this.#mintInTurn(part)));
  }

  /** Waits until every call has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#ahead.values());
  }

  /**
   * Returns the URL of a part: the one that was asked for ahead if it has not expired, else a new one. Each is
   * used once.
   */
  async take(part: Part): Promise<string> {
    const ahead = this.#ahead.get(part.number);
    this.#ahead.delete(part.number);
    const minted = await ahead;
    // A wrong clock costs one more call, or a 403 after which a new URL is asked for.
    if (minted !== undefined && minted.expiresAtSec * 1000 - this.#clock.wallMs() > marginMs) {
      return minted.url;
    }
    return (await this.#mintInTurn(part)).url;
  }

  async #mintInTurn(part: Part): Promise<MintedUrl> {
    if (this.#freeCalls > 0) this.#freeCalls--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      const minted = await this.#mint(part);
      this.#tellFirst(minted.url);
      return minted;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#freeCalls++;
      else next();
    }
  }
}

/** The URLs of an upload's parts, from its service. */
export function mintedUrls(
  { clock, pace }: Run,
  api: Api,
  server: string,
  imageId: string,
): MintedUrls {
  const owners = new UrlOwners();
  return new MintedUrls(clock, async (part) => {
    const fromMs = clock.monotonicMs();
    const minted = await api.partUrl(imageId, part.number, owners);
    pace.delay.answered("part URL", clock.monotonicMs() - fromMs);
    checkPresignedUrl(minted.url, server);
    return minted;
  });
}
