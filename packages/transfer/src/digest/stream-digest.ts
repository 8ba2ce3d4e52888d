import { untilAborted } from "../kept.js";
import type { Digest } from "../ports.js";
import type { Loan } from "../run/buffers.js";
import { Waiters } from "../run/waiters.js";

/** Feeds the digest with the parts of a stream, which come in order and are in memory. */
export class StreamDigest {
  readonly #digest: Digest;
  readonly #news = new Waiters();
  #feeding = 0;
  #ended = false;
  #fedBytes = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  /** Bytes that the digest has taken in. */
  get fedBytes(): number {
    return this.#fedBytes;
  }

  /** The next part; its buffer is held until the digest has let go of it. */
  take(loan: Loan): void {
    loan.retain();
    this.#feeding++;
    this.#digest
      .update(loan.bytes)
      .then(
        () => (this.#fedBytes += loan.part.lengthBytes),
        (error: unknown) => (this.#failure ??= { error }),
      )
      .finally(() => {
        loan.release();
        this.#feeding--;
        this.#news.wake();
      });
  }

  /** Nothing more comes. */
  end(): void {
    this.#ended = true;
    this.#news.wake();
  }

  /** Waits for the end. @returns SHA-256, 64 lower-case hex digits. */
  async run(signal: AbortSignal): Promise<string> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure.error;
      if (this.#ended && this.#feeding === 0) break;
      await this.#news.wait(signal);
    }
    return untilAborted(this.#digest.finish(), signal);
  }
}
