import type { Part } from "../plan.js";
import type { Source } from "../ports.js";
import type { Buffers, Loan } from "./buffers.js";
import { Waiters } from "./waiters.js";

/**
 * Reads parts in order, one at a time, a few ahead of the lanes that take them. It waits while all
 * buffers are out, or enough parts stand ready: pulling is the backpressure.
 */
export class ReadAhead {
  readonly #ready: Loan[] = [];
  readonly #changed = new Waiters();
  #ended = false;

  /** Fills until all parts were read. Loans that no lane took are given back when it ends early. */
  async run(
    parts: readonly Part[],
    source: Source,
    buffers: Buffers,
    ahead: () => number,
    onRead: (loan: Loan) => void,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      for (const part of parts) {
        while (this.#ready.length >= ahead()) await this.#changed.wait(signal);
        const loan = await buffers.lend(part, signal);
        await readInto(loan, source, signal);
        onRead(loan);
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
}

async function readInto(loan: Loan, source: Source, signal: AbortSignal): Promise<void> {
  try {
    await source.read(loan.part.offset, loan.bytes, signal);
  } catch (error) {
    loan.release();
    throw error;
  }
}
