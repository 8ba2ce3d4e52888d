import { ImageSizeError } from "../errors.js";
import { limits } from "../plan.js";
import type { StreamSource } from "../streams/ports.js";
import { Loan, type Buffers } from "./buffers.js";
import { Waiters } from "./waiters.js";

/**
 * Cuts a stream into parts as it comes, a few ahead of the lanes that take them. It waits while all
 * buffers are out, or enough parts stand ready, and whoever writes into the stream waits with it.
 */
export class ReadStream {
  readonly #stream: StreamSource;
  readonly #partBytes: number;
  readonly #ready: Loan[] = [];
  readonly #changed = new Waiters();
  #ended = false;
  #readBytes = 0;

  constructor(stream: StreamSource, partBytes: number) {
    this.#stream = stream;
    this.#partBytes = partBytes;
  }

  /** How long the stream was so far. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /**
   * Reads to the end. Loans that no lane took are given back when it ends early.
   *
   * @throws {ImageSizeError} It is longer than an image may be.
   */
  async run(
    buffers: Buffers,
    ahead: () => number,
    onRead: (loan: Loan) => void,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      for (let number = 1; !this.#ended; number++) {
        while (this.#ready.length >= ahead()) await this.#changed.wait(signal);
        const loan = await this.#readPart(number, buffers, signal);
        if (loan !== null) {
          onRead(loan);
          this.#ready.push(loan);
        }
        this.#changed.wake();
      }
    } catch (error) {
      for (const loan of this.#ready.splice(0)) loan.release();
      throw error;
    }
  }

  /** The next part, now held by the caller; null when there is none left. */
  async take(signal: AbortSignal): Promise<Loan | null> {
    for (;;) {
      const loan = this.#ready.shift();
      if (loan !== undefined) {
        this.#changed.wake();
        return loan;
      }
      if (this.#ended) return null;
      await this.#changed.wait(signal);
    }
  }

  /** Null where the stream ended just before; the last part is as long as what came. */
  async #readPart(number: number, buffers: Buffers, signal: AbortSignal): Promise<Loan | null> {
    const offset = this.#readBytes;
    const whole = await buffers.lend({ number, offset, lengthBytes: this.#partBytes }, signal);
    try {
      const lengthBytes = await this.#stream.read(whole.bytes, signal);
      this.#readBytes += lengthBytes;
      if (this.#readBytes > limits.maxImageBytes) throw new ImageSizeError(this.#readBytes);
      this.#ended = lengthBytes < this.#partBytes;
      if (lengthBytes === this.#partBytes) return whole;
      if (lengthBytes > 0) {
        const bytes = whole.bytes.subarray(0, lengthBytes);
        return new Loan({ number, offset, lengthBytes }, bytes, () => whole.release());
      }
    } catch (error) {
      whole.release();
      throw error;
    }
    whole.release();
    return null;
  }
}
