import { ImageSizeError } from "../errors.js";
import { limits } from "../plan.js";
import type { StreamSource } from "../stream-port.js";
import { Loan, type Buffers } from "../run/buffers.js";
import type { PartReader } from "./read-ahead.js";

/** Cuts a stream into parts as it comes; whoever writes into the stream waits where it is not asked for more. */
export class StreamParts implements PartReader {
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
   * @throws {ImageSizeError} It is longer than an image may be.
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
    return null;
  }
}
