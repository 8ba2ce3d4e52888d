import { kept } from "../promises/kept.js";
import type { Part } from "../plan.js";
import { Waiters } from "../promises/waiters.js";

/** A part's bytes in memory, used by everyone who works on them; the last release returns the buffer. */
export class Loan {
  readonly part: Part;
  readonly bytes: Uint8Array;
  readonly #giveBack: () => void;
  #holders = 1;

  constructor(part: Part, bytes: Uint8Array, giveBack: () => void) {
    this.part = part;
    this.bytes = bytes;
    this.#giveBack = giveBack;
  }

  retain(): void {
    if (this.#holders === 0) throw new Error("bug: a buffer was held after it was given back");
    this.#holders++;
  }

  release(): void {
    if (this.#holders === 0) throw new Error("bug: a buffer was given back twice");
    if (--this.#holders === 0) this.#giveBack();
  }
}

/**
 * The pool of part buffers. Memory is taken only when a buffer is needed and none is free, and never
 * beyond `memoryBytes`; further requests wait, which is the backpressure of a transfer.
 */
export class Buffers {
  readonly #allocate: (bytes: number) => Uint8Array;
  readonly #partBytes: number;
  readonly #free: Uint8Array[] = [];
  readonly #waiters = new Waiters();
  readonly mostBuffers: number;
  #allocated = 0;
  #limit: number;
  /** Settles when the last request has a buffer: buffers are lent in the order of the requests. */
  #line: Promise<void> = Promise.resolve();

  constructor(allocate: (bytes: number) => Uint8Array, partBytes: number, memoryBytes: number) {
    this.#allocate = allocate;
    this.#partBytes = partBytes;
    this.mostBuffers = Math.max(1, Math.floor(memoryBytes / partBytes));
    this.#limit = this.mostBuffers;
  }

  /** Buffers that are lent or being waited for. */
  get lent(): number {
    return this.#allocated - this.#free.length;
  }

  get exhausted(): boolean {
    return this.lent >= this.#limit;
  }

  /** How many may be lent at once, as lanes come and go; never over the budget. */
  setLimit(buffers: number): void {
    this.#limit = Math.max(1, Math.min(buffers, this.mostBuffers));
    this.#waiters.wake();
  }

  /**
   * Waits for a buffer, in the order of the requests: a lane that holds a later part while an earlier one waits
   * could hold the buffer that all are waiting for.
   */
  async lend(part: Part, signal: AbortSignal): Promise<Loan> {
    signal.throwIfAborted();
    const lent = kept(this.#line.then(() => this.#lendNext(part, signal)));
    this.#line = lent.then(nothing, nothing);
    return lent;
  }

  async #lendNext(part: Part, signal: AbortSignal): Promise<Loan> {
    signal.throwIfAborted();
    while (this.exhausted) await this.#waiters.wait(signal);
    const buffer = this.#free.pop() ?? this.#grow();
    return new Loan(part, buffer.subarray(0, part.lengthBytes), () => {
      this.#takeBack(buffer);
      this.#waiters.wake();
    });
  }

  /** Releases the memory that fewer lanes do not need. */
  #takeBack(buffer: Uint8Array): void {
    if (this.#allocated > this.#limit) this.#allocated--;
    else this.#free.push(buffer);
  }

  #grow(): Uint8Array {
    const buffer = this.#allocate(this.#partBytes);
    this.#allocated++;
    return buffer;
  }
}

const nothing = (): void => undefined;
