import type { DigestInOrder } from "../digest/digest-in-order.js";
import type { Part } from "../plan.js";
import type { Digest, SavedDigest } from "../ports.js";
import type { Buffers, Loan } from "../run/buffers.js";
import { Waiters } from "../promises/waiters.js";

/** Where parts come from in order, one at a time: a file, or a stream. */
export interface PartReader {
  /** Whether nothing more comes. */
  readonly ended: boolean;
  /** Lends a buffer with the next part in it; null where nothing came any more. Calls do not overlap. */
  next(signal: AbortSignal): Promise<Loan | null>;
  /** Ends the reading; `next` is not running. */
  close?(): Promise<void>;
}

/** Where the bytes of an upload come from: a source that can be read at any offset, or a stream that is read once. */
export interface PartInput {
  /** null where they are known only as they come. */
  readonly parts: readonly Part[] | null;
  readonly longestPart: number;
  /** Whether its size has to go into the journal once it is known. */
  readonly tellsSize: boolean;
  /** Whether a part can be read again at its offset. */
  readonly isStored: boolean;
  /** Whether parts can be read twice at little cost, and so be sent without memory for the whole of them. */
  readonly isDirect: boolean;
  /** Opens what reads the parts that are still to be sent. */
  open(buffers: Buffers, digest: DigestInOrder): PartReader;
  openDigest(saved: SavedDigest | null): Digest;
  /**
   * Reads one part, to compare it, whatever else is read meanwhile.
   *
   * @param into As long as the longest part.
   * @returns The part's bytes, as many as there are.
   */
  read(part: Part, into: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
}

/**
 * Parts that were read, in order, a few ahead of the lanes that take them. It waits while all buffers
 * are out, or enough parts stand ready: pulling is the backpressure.
 */
export class ReadAhead {
  /** Called when a lane finds no part that is ready. */
  onWanted: () => void = () => undefined;
  readonly #ready: Loan[] = [];
  readonly #changed = new Waiters();
  #waiting = 0;
  #ended = false;

  /**
   * Reads to the end. Loans that no lane took are given back when it ends early.
   *
   * @param onRead Returns whether a lane is to take the part; otherwise the part is the callee's.
   */
  async run(
    reader: PartReader,
    ahead: () => number,
    onRead: (loan: Loan) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      while (!reader.ended) {
        while (this.#ready.length >= ahead()) await this.#changed.wait(signal);
        const loan = await reader.next(signal);
        if (loan === null) continue;
        if (!onRead(loan)) continue;
        this.#ready.push(loan);
        this.#changed.wake();
      }
      this.#ended = true;
      this.#changed.wake();
    } catch (error) {
      for (const loan of this.#ready.splice(0)) loan.release();
      throw error;
    }
  }

  /** Whether a lane waits for a part that is not ready. */
  get isWanted(): boolean {
    return this.#waiting > this.#ready.length;
  }

  /** The next part, now the caller's; null when there is none left. */
  async take(signal: AbortSignal): Promise<Loan | null> {
    for (;;) {
      const loan = this.#ready.shift();
      if (loan !== undefined) {
        this.#changed.wake();
        return loan;
      }
      if (this.#ended) return null;
      this.#waiting++;
      this.onWanted();
      await this.#changed.wait(signal).finally(() => this.#waiting--);
    }
  }
}
