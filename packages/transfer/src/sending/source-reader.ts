import { kept, untilAborted } from "../promises/kept.js";
import type { DigestInOrder } from "../digest/digest-in-order.js";
import { digestReading } from "../digest/source-digest.js";
import type { Receipts } from "../journal/state.js";
import { partsLeft, type Part } from "../plan.js";
import type { AnySource, Source } from "../ports.js";
import type { Buffers, Loan } from "../run/buffers.js";
import type { Run } from "../run/run.js";
import type { PartInput, PartReader } from "./read-ahead.js";

/** Reads the parts of a source that are still to be sent. */
export class SourceReader implements PartReader {
  readonly #parts: readonly Part[];
  readonly #source: Source;
  readonly #buffers: Buffers;
  readonly #digest: Pick<DigestInOrder, "read">;
  #read = 0;

  /** @param digest Reads the parts that it can read. */
  constructor(
    parts: readonly Part[],
    source: Source,
    buffers: Buffers,
    digest: Pick<DigestInOrder, "read">,
  ) {
    this.#parts = parts;
    this.#source = source;
    this.#buffers = buffers;
    this.#digest = digest;
  }

  get ended(): boolean {
    return this.#read === this.#parts.length;
  }

  /** The next part, filled if there was a buffer for it. */
  async next(signal: AbortSignal): Promise<Loan | null> {
    const part = this.#parts[this.#read];
    if (part === undefined) return null;
    const loan = await this.#buffers.lend(part, signal);
    if (loan.hasBuffer) await this.#filled(loan, signal);
    this.#read++;
    return loan;
  }

  async #filled(loan: Loan, signal: AbortSignal): Promise<void> {
    const reading = kept(this.#fill(loan, signal));
    try {
      await untilAborted(reading, signal);
    } catch (error) {
      // A disk that hangs may write into it until its read has settled.
      const release = (): void => loan.release();
      reading.then(release, release);
      throw error;
    }
  }

  async #fill(loan: Loan, signal: AbortSignal): Promise<void> {
    if (await this.#digest.read(loan)) return;
    await this.#source.read(loan.part.offset, loan.bytes, signal);
  }
}

/** Whether parts of a source can be sent without memory for the whole of them. */
export const mayReadTwice = (source: AnySource): boolean =>
  source.sizeBytes !== null && source.mayReadTwice === true;

/** A source that can be read at any offset. */
export const sourceInput = (
  run: Run,
  source: Source,
  parts: readonly Part[],
  receipts: Receipts,
): PartInput => ({
  parts,
  longestPart: parts[0]!.lengthBytes,
  tellsSize: false,
  isStored: true,
  isDirect: mayReadTwice(source),
  open: (buffers, digest) => new SourceReader(partsLeft(parts, receipts), source, buffers, digest),
  openDigest: (saved) => digestReading(source, run.platform.openDigest(saved)),
  read: async (part, into, signal) => {
    const bytes = into.subarray(0, part.lengthBytes);
    await source.read(part.offset, bytes, signal);
    return bytes;
  },
});
