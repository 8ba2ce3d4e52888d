import { ImageSizeError } from "../errors.js";
import { limits } from "../plan.js";
import type { StreamSource, Digest } from "../ports.js";
import { Loan, type Buffers } from "../run/buffers.js";
import type { Run } from "../run/run.js";
import type { PartInput, PartReader } from "./read-ahead.js";

/** Cuts a stream into parts as it is read. The writer of the stream waits while no more is read. */
export class StreamReader implements PartReader {
  readonly #stream: StreamSource;
  readonly #partBytes: number;
  readonly #buffers: Buffers;
  #number = 0;
  #readBytes = 0;
  #ended = false;

  constructor(stream: StreamSource, partBytes: number, buffers: Buffers) {
    this.#stream = stream;
    this.#partBytes = partBytes;
    this.#buffers = buffers;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** How long the stream was so far. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /**
   * Null where the stream ended just before; the last part is as long as what came.
   *
   * @throws {ImageSizeError} It is empty, or longer than an image may be.
   */
  async next(signal: AbortSignal): Promise<Loan | null> {
    const part = { number: ++this.#number, offset: this.#readBytes, lengthBytes: this.#partBytes };
    const whole = await this.#buffers.lend(part, signal);
    try {
      const lengthBytes = await this.#stream.read(whole.bytes, signal);
      this.#readBytes += lengthBytes;
      if (this.#readBytes > limits.maxImageBytes) throw new ImageSizeError(this.#readBytes);
      this.#ended = lengthBytes < this.#partBytes;
      if (lengthBytes === this.#partBytes) return whole;
      if (lengthBytes > 0) {
        const bytes = whole.bytes.subarray(0, lengthBytes);
        return new Loan({ ...part, lengthBytes }, bytes, () => whole.release());
      }
    } catch (error) {
      whole.release();
      throw error;
    }
    whole.release();
    if (this.#readBytes === 0) throw new ImageSizeError(0);
    return null;
  }
}

/** A stream, which is read once: a part that is sent again is still in memory. */
export class StreamInput implements PartInput {
  readonly parts = null;
  readonly isStored = false;
  readonly longestPart: number;
  readonly #run: Run;
  readonly #stream: StreamSource;
  #reader: StreamReader | null = null;

  constructor(run: Run, stream: StreamSource, partBytes: number) {
    this.#run = run;
    this.#stream = stream;
    this.longestPart = partBytes;
  }

  /** How long the stream was so far. */
  get readBytes(): number {
    return this.#reader?.readBytes ?? 0;
  }

  open(buffers: Buffers): PartReader {
    return (this.#reader = new StreamReader(this.#stream, this.longestPart, buffers));
  }

  openDigest(): Digest {
    return this.#run.platform.openDigest(null);
  }

  async reread(): Promise<void> {
    // It is in memory.
  }
}
