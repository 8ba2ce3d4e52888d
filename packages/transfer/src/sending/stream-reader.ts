import { ImageSizeError, SourceChangedError } from "../errors.js";
import { limits, planParts, type Part } from "../plan.js";
import type { Digest, StreamSource } from "../ports.js";
import { Loan, type Buffers } from "../run/buffers.js";
import type { Run } from "../run/run.js";
import type { PartInput, PartReader } from "./read-ahead.js";

/** Cuts a stream into parts as it is read. The writer of the stream waits while no more is read. */
export class StreamReader implements PartReader {
  readonly #stream: StreamSource;
  readonly #partBytes: number;
  readonly #buffers: Buffers;
  readonly #expectedBytes: number | null;
  #number = 0;
  #readBytes = 0;
  #ended = false;

  constructor({ stream, partBytes, expectedBytes }: StreamCut, buffers: Buffers) {
    this.#stream = stream;
    this.#partBytes = partBytes;
    this.#buffers = buffers;
    this.#expectedBytes = expectedBytes;
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
   * @throws {SourceChangedError} It is not as long as it was.
   */
  async next(signal: AbortSignal): Promise<Loan | null> {
    const part = { number: ++this.#number, offset: this.#readBytes, lengthBytes: this.#partBytes };
    const whole = await this.#buffers.lend(part, signal);
    try {
      const lengthBytes = await this.#stream.read(whole.bytes, signal);
      this.#readBytes += lengthBytes;
      this.#ended = lengthBytes < this.#partBytes;
      this.#checkLength();
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

  #checkLength(): void {
    const had = this.#expectedBytes;
    if (had !== null && (this.#readBytes > had || (this.#ended && this.#readBytes < had))) {
      throw new SourceChangedError(
        `it gives ${this.#ended ? "" : "at least "}${this.#readBytes} bytes, but had ${had} when it was read before`,
      );
    }
    if (this.#readBytes > limits.maxImageBytes) throw new ImageSizeError(this.#readBytes);
  }
}

/** How a stream is cut into parts. */
export interface StreamCut {
  readonly stream: StreamSource;
  readonly partBytes: number;
  /** How long it was when an earlier run read it to its end; null if none did. */
  readonly expectedBytes: number | null;
}

/** A stream, which is read from its start to its end: a part that is sent again is still in memory. */
export class StreamInput implements PartInput {
  readonly parts: readonly Part[] | null;
  readonly isStored = false;
  readonly tellsSize: boolean;
  readonly longestPart: number;
  readonly #run: Run;
  readonly #cut: StreamCut;
  #reader: StreamReader | null = null;

  constructor(run: Run, cut: StreamCut) {
    this.#run = run;
    this.#cut = cut;
    this.longestPart = cut.partBytes;
    this.tellsSize = cut.expectedBytes === null;
    this.parts = cut.expectedBytes === null ? null : planParts(cut.expectedBytes, cut.partBytes);
  }

  /** How long the stream was so far. */
  get readBytes(): number {
    return this.#reader?.readBytes ?? 0;
  }

  open(buffers: Buffers): PartReader {
    return (this.#reader = new StreamReader(this.#cut, buffers));
  }

  openDigest(): Digest {
    return this.#run.platform.openDigest(null);
  }

  async reread(): Promise<void> {
    // It is in memory.
  }
}
