import { kept, untilAborted } from "../kept.js";
import type { Part } from "../plan.js";
import type { Source } from "../ports.js";
import type { Buffers, Loan } from "../run/buffers.js";
import type { PartReader } from "./read-ahead.js";

/** Reads the parts of a source that are still to be sent. */
export class SourceParts implements PartReader {
  readonly #parts: readonly Part[];
  readonly #source: Source;
  readonly #buffers: Buffers;
  #read = 0;

  constructor(parts: readonly Part[], source: Source, buffers: Buffers) {
    this.#parts = parts;
    this.#source = source;
    this.#buffers = buffers;
  }

  get ended(): boolean {
    return this.#read === this.#parts.length;
  }

  async next(signal: AbortSignal): Promise<Loan | null> {
    const part = this.#parts[this.#read];
    if (part === undefined) return null;
    const loan = await this.#buffers.lend(part, signal);
    const reading = kept(this.#source.read(part.offset, loan.bytes, signal));
    try {
      await untilAborted(reading, signal);
    } catch (error) {
      // A disk that hangs may write into it until its read has settled.
      const release = (): void => loan.release();
      reading.then(release, release);
      throw error;
    }
    this.#read++;
    return loan;
  }
}
