import { ImageSizeError, SourceChangedError } from "../errors.js";
import { limits, planParts } from "../plan.js";
import type { Reading, SequentialSource } from "../ports.js";
import { Loan, type Buffers } from "../run/buffers.js";
import type { Run } from "../run/run.js";
import type { PartInput, PartReader } from "./read-ahead.js";

/** How a source that is read from its start to its end is cut into parts. */
interface StreamCut {
  readonly source: SequentialSource;
  readonly partBytes: number;
  /** How long it was when an earlier run read it to its end; null if none did. */
  readonly expectedBytes: number | null;
}

/** Cuts a source into parts as it is read. The writer of a stream waits while no more is read. */
class StreamReader implements PartReader {
  readonly #cut: StreamCut;
  readonly #buffers: Buffers;
  #reading: Reading | null = null;
  #number = 0;
  #readBytes = 0;
  #ended = false;

  constructor(cut: StreamCut, buffers: Buffers) {
    this.#cut = cut;
    this.#buffers = buffers;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Null if the source ended just before; the last part is as long as what came.
   *
   * @throws {ImageSizeError} It is empty, or longer than an image may be.
   * @throws {SourceChangedError} It is not as long as it was.
   */
  async next(signal: AbortSignal): Promise<Loan | null> {
    const { source, partBytes } = this.#cut;
    this.#reading ??= await source.open(signal);
    const part = { number: ++this.#number, offset: this.#readBytes, lengthBytes: partBytes };
    const whole = await this.#buffers.lend(part, signal);
    try {
      const lengthBytes = await this.#reading.read(whole.bytes, signal);
      this.#readBytes += lengthBytes;
      this.#ended = lengthBytes < partBytes;
      this.#checkLength();
      if (lengthBytes === partBytes) return whole;
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

  async close(): Promise<void> {
    await this.#reading?.close();
  }

  #checkLength(): void {
    const had = this.#cut.expectedBytes;
    if (had !== null && (this.#readBytes > had || (this.#ended && this.#readBytes < had))) {
      throw new SourceChangedError(
        `it gives ${this.#ended ? "" : "at least "}${this.#readBytes} bytes, but had ${had} when it was read before`,
      );
    }
    if (this.#readBytes > limits.maxImageBytes) throw new ImageSizeError(this.#readBytes);
  }
}

/** A source that is read from its start to its end: a part that is sent again is still in memory. */
export const streamInput = (run: Run, cut: StreamCut): PartInput => ({
  parts: cut.expectedBytes === null ? null : planParts(cut.expectedBytes, cut.partBytes),
  longestPart: cut.partBytes,
  tellsSize: cut.expectedBytes === null,
  isStored: false,
  isDirect: false,
  open: (buffers) => new StreamReader(cut, buffers),
  openDigest: () => run.platform.openDigest(null),
  read: async ({ number }, into, signal) => {
    const reading = await cut.source.open(signal);
    try {
      let bytes = into;
      for (let read = 0; read < number && bytes.length === into.length; read++) {
        bytes = into.subarray(0, await reading.read(into, signal));
      }
      return bytes;
    } finally {
      await reading.close();
    }
  },
});
