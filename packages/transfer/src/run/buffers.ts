import { kept } from "../promises/kept.js";
import type { Part } from "../plan.js";
import { Waiters } from "../promises/waiters.js";
import type { PartMemory } from "./part-memory.js";

/**
 * A part's bytes in a buffer of the pool. Everyone who works on them retains it; the last release returns the
 * buffer.
 */
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
 * The part buffers of one transfer. Memory is asked for only when a buffer is needed; further requests wait, which is
 * the backpressure of a transfer. Once it has a buffer, it keeps one until it is closed: whatever others do with the
 * memory that they share, it can continue.
 */
export class Buffers {
  readonly #memory: PartMemory;
  readonly #partBytes: number;
  readonly #waiters = new Waiters();
  readonly mostBuffers: number;
  /** The one that is kept, while nobody uses it. */
  #own: Uint8Array | null = null;
  #lent = 0;
  #limit: number;
  #closed = false;
  /** Settles when the latest request has a buffer: buffers are lent in the order of the requests. */
  #line: Promise<void> = Promise.resolve();

  constructor(memory: PartMemory, partBytes: number) {
    this.#memory = memory;
    this.#partBytes = partBytes;
    this.mostBuffers = Math.max(1, Math.floor(memory.mostBytes / partBytes));
    this.#limit = this.mostBuffers;
  }

  /** Buffers that are lent. */
  get lent(): number {
    return this.#lent;
  }

  get exhausted(): boolean {
    return this.#lent >= this.#limit;
  }

  /** Sets how many buffers may be lent at once. It follows the number of lanes, within the memory budget. */
  setLimit(buffers: number): void {
    this.#limit = Math.max(1, Math.min(buffers, this.mostBuffers));
    this.#waiters.wake();
  }

  /** These, or others in their place if the parts have another length; nothing may be lent. */
  forParts(partBytes: number): Buffers {
    if (partBytes === this.#partBytes) return this;
    this.close();
    return new Buffers(this.#memory, partBytes);
  }

  /** Waits until there is a buffer, and keeps it for the first request. */
  async secureOne(signal: AbortSignal): Promise<void> {
    if (this.#lent > 0 || this.#own !== null) return;
    this.#own = await this.#next(signal);
  }

  /**
   * Waits for a buffer, in the order of the requests. In any other order a later part could hold the last
   * buffer while an earlier part, which must be finished first, waits for it.
   */
  async lend(part: Part, signal: AbortSignal): Promise<Loan> {
    signal.throwIfAborted();
    const lent = kept(this.#line.then(() => this.#lendNext(part, signal)));
    this.#line = lent.then(nothing, nothing);
    return lent;
  }

  /** Gives all memory back that is not lent; what is lent follows when it is released. */
  close(): void {
    this.#closed = true;
    if (this.#own !== null) this.#memory.giveBack(this.#own);
    this.#own = null;
  }

  async #lendNext(part: Part, signal: AbortSignal): Promise<Loan> {
    signal.throwIfAborted();
    while (this.exhausted) await this.#waiters.wait(signal);
    const buffer = await this.#next(signal);
    this.#lent++;
    return new Loan(part, buffer.subarray(0, part.lengthBytes), () => {
      this.#lent--;
      this.#takeBack(buffer);
      this.#waiters.wake();
    });
  }

  /** The own buffer, or one of the shared memory: whichever is free first. */
  async #next(signal: AbortSignal): Promise<Uint8Array> {
    const own = this.#takeOwn();
    if (own !== null) return own;
    const granted: Uint8Array[] = [];
    const failed: unknown[] = [];
    const cancel = this.#memory.ask({
      lengthBytes: this.#partBytes,
      settle: (answer) => {
        if (answer instanceof Uint8Array) granted.push(answer);
        else failed.push(answer.error);
        this.#waiters.wake();
      },
    });
    try {
      while (granted.length + failed.length === 0 && this.#own === null) {
        await this.#waiters.wait(signal);
      }
      if (failed.length > 0) throw failed[0];
      return granted.pop() ?? this.#takeOwn()!;
    } finally {
      cancel();
      for (const buffer of granted) this.#memory.giveBack(buffer);
    }
  }

  #takeOwn(): Uint8Array | null {
    const own = this.#own;
    this.#own = null;
    return own;
  }

  /** Keeps a returned buffer for the next loan, or frees it if there are more than the lanes need. */
  #takeBack(buffer: Uint8Array): void {
    if (this.#lent === 0 && this.#own === null && !this.#closed) this.#own = buffer;
    else if (this.#lent >= this.#limit) this.#memory.discard(buffer);
    else this.#memory.giveBack(buffer);
  }
}

const nothing = (): void => undefined;
