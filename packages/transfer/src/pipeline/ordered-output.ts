import { kept, untilAborted } from "../kept.js";
import type { Part } from "../plan.js";
import type { Digest } from "../ports.js";
import type { StreamSink } from "../streams/ports.js";
import type { Run } from "../run.js";
import type { Loan } from "./buffers.js";
import { Waiters } from "./waiters.js";

/** Writes fetched parts out in order, and feeds the digest with the same bytes. */
export class OrderedOutput {
  readonly #run: Run;
  readonly #digest: Digest;
  readonly #out: StreamSink;
  readonly #parts: readonly Part[];
  /** Parts that were fetched and whose turn has not come, by number. */
  readonly #held = new Map<number, Loan>();
  readonly #news = new Waiters();
  #fedBytes = 0;

  constructor(run: Run, digest: Digest, out: StreamSink, parts: readonly Part[]) {
    this.#run = run;
    this.#digest = digest;
    this.#out = out;
    this.#parts = parts;
  }

  /** Bytes that the digest has taken in. */
  get fedBytes(): number {
    return this.#fedBytes;
  }

  /** A part is there; its buffer is given back once it is out. */
  put(loan: Loan): void {
    this.#held.set(loan.part.number, loan);
    this.#news.wake();
  }

  /** Writes until the last part is out. @returns SHA-256, 64 lower-case hex digits. */
  async run(signal: AbortSignal): Promise<string> {
    try {
      for (const part of this.#parts) {
        while (!this.#held.has(part.number)) await this.#news.wait(signal);
        await this.#write(this.#held.get(part.number)!, signal);
      }
      return await untilAborted(this.#digest.finish(), signal);
    } finally {
      for (const loan of this.#held.values()) loan.release();
    }
  }

  async #write(loan: Loan, signal: AbortSignal): Promise<void> {
    const digested = kept(this.#digest.update(loan.bytes));
    const written = kept(this.#out.write(loan.bytes, signal));
    // The bytes must not change before both have let go of them.
    for (const settled of await Promise.allSettled<unknown>([digested, written])) {
      if (settled.status === "rejected") throw settled.reason;
    }
    this.#held.delete(loan.part.number);
    loan.release();
    this.#fedBytes += loan.part.lengthBytes;
    this.#run.meter.arrived(loan.part);
    this.#run.patience.progressed(); // a reader that is slow is no fault of the network
  }
}
