import { kept, untilAborted } from "../promises/kept.js";
import type { Loan } from "../run/buffers.js";
import { Waiters } from "../promises/waiters.js";
import type { StreamSink } from "../ports.js";
import { verifyingRun, type Run } from "../run/run.js";
import type { ImageUrl } from "../service/image-url.js";
import { fetchImage, type FetchedImage, type Output, type OutputParts } from "./fetch-image.js";

/**
 * Hashes parts from memory and keeps none. Buffers are lent in the order of the parts, so the part that is next in
 * order always has one.
 *
 * @param out Takes the bytes in order; null if they are only hashed.
 */
export const passingOutput = (run: Run, out: StreamSink | null): Output => ({
  phase: out === null ? "verifying" : "moving",
  former: () => Promise.resolve(null),
  begin: () => Promise.resolve(),
  open: () => new PassingParts(run, out),
});

class PassingParts implements OutputParts {
  readonly isStored = false;
  readonly savedDigest = null;
  readonly #run: Run;
  readonly #out: StreamSink | null;
  readonly #news = new Waiters();
  /** The number of the part to write next. */
  #next = 1;

  constructor(run: Run, out: StreamSink | null) {
    this.#run = run;
    this.#out = out;
  }

  mayKeep(): number {
    return Infinity;
  }

  onSaved(): void {
    // There is nothing to resume.
  }

  onChanged(): never {
    throw new Error("bug: a part that is kept nowhere was read again");
  }

  async keep(loan: Loan, hashing: Promise<number> | null, signal: AbortSignal): Promise<null> {
    const written = kept(this.#write(loan, signal));
    // The buffer must not be reused before both have settled.
    for (const settled of await Promise.allSettled([untilAborted(hashing!, signal), written])) {
      if (settled.status === "rejected") throw settled.reason;
    }
    this.#run.meter.arrived(loan.part);
    this.#run.patience.progressed(); // a slow reader is not a failing network
    return null;
  }

  async #write({ part, bytes }: Loan, signal: AbortSignal): Promise<void> {
    if (this.#out === null) return;
    while (this.#next !== part.number) await this.#news.wait(signal);
    await this.#out.write(bytes, signal);
    this.#next++;
    this.#news.wake();
  }
}

/**
 * Downloads a stored image, only for its SHA-256: the service checks none until a node boots. Every byte is
 * fetched once, by as many lanes as make it faster, and none is kept.
 */
export async function readBack(of: Run, url: ImageUrl): Promise<FetchedImage> {
  const run = verifyingRun(of);
  return fetchImage(run, url, passingOutput(run, null));
}
