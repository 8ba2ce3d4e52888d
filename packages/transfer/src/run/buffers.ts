import { kept } from "../promises/kept.js";
import type { Part } from "../plan.js";
import { Waiters } from "../promises/waiters.js";
import { dividedMemory } from "../divided-memory.js";
import type { PartMemory } from "./part-memory.js";

/**
 * A part's bytes in a buffer of the pool. Everyone who works on them retains it; the last release returns the
 * buffer. Where memory is out, a part without a buffer, which its lane sends straight from the source.
 */
export class Loan {
  readonly part: Part;
  /** Of all bytes of a part without a buffer, once they were read to be sent. They must be the same each time. */
  crc32: number | null = null;
  readonly #bytes: Uint8Array | null;
  readonly #giveBack: () => void;
  #holders = 1;

  constructor(part: Part, bytes: Uint8Array | null, giveBack: () => void) {
    this.part = part;
    this.#bytes = bytes;
    this.#giveBack = giveBack;
  }

  get hasBuffer(): boolean {
    return this.#bytes !== null;
  }

  get bytes(): Uint8Array {
    if (this.#bytes === null) throw new Error("bug: a part without a buffer has no bytes");
    return this.#bytes;
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

/** Lanes that may send parts without a buffer. */
export interface DirectLanes {
  /** How many lanes there may be. */
  readonly most: number;
  /** Whether a lane waits for a part just now. */
  isWaiting(): boolean;
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
  readonly #direct: DirectLanes | null;
  readonly mostBuffers: number;
  /** Lanes that memory suffices for. */
  readonly mostLanes: number;
  readonly #endReserve: () => void;
  /** The one that is kept, while nobody uses it. */
  #own: Uint8Array | null = null;
  #lent = 0;
  #limit: number;
  #closed = false;
  /** Settles when the latest request has a buffer: buffers are lent in the order of the requests. */
  #line: Promise<void> = Promise.resolve();

  constructor(memory: PartMemory, partBytes: number, direct: DirectLanes | null = null) {
    const { buffers, windows } = dividedMemory(memory.mostBytes, partBytes, direct?.most ?? 0);
    this.#memory = memory;
    this.#partBytes = partBytes;
    this.#direct = windows > 0 ? direct : null;
    this.#endReserve = windows > 0 ? memory.reserve(windows) : nothing;
    this.mostBuffers = this.#limit = buffers;
    this.mostLanes = buffers + windows;
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
    this.#limit = Math.min(Math.max(1, buffers), this.mostBuffers);
    this.#waiters.wake();
  }

  /** Tells that a lane waits for a part. */
  wanted(): void {
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
   * buffer while an earlier part, which must be finished first, waits for it. Where memory is out and a lane waits, the
   * part gets no buffer.
   */
  async lend(part: Part, signal: AbortSignal): Promise<Loan> {
    signal.throwIfAborted();
    const lent = kept(this.#line.then(() => this.#lendNext(part, signal)));
    this.#line = lent.then(nothing, nothing);
    return lent;
  }

  /** Gives all memory back that is not lent; what is lent follows when it is released. */
  close(): void {
    if (!this.#closed) this.#endReserve();
    this.#closed = true;
    if (this.#own !== null) this.#memory.giveBack(this.#own);
    this.#own = null;
  }

  async #lendNext(part: Part, signal: AbortSignal): Promise<Loan> {
    signal.throwIfAborted();
    while (this.exhausted) {
      if (this.#lent === this.mostBuffers && this.#goesDirect) return new Loan(part, null, nothing);
      await this.#waiters.wait(signal);
    }
    const buffer = await this.#next(signal);
    if (buffer === null) return new Loan(part, null, nothing);
    this.#lent++;
    return new Loan(part, buffer.subarray(0, part.lengthBytes), () => {
      this.#lent--;
      this.#takeBack(buffer);
      this.#waiters.wake();
    });
  }

  get #goesDirect(): boolean {
    return this.#direct?.isWaiting() === true;
  }

  /** The own buffer, or one of the shared memory: whichever is free first. Null if a lane waits and neither is. */
  async #next(signal: AbortSignal): Promise<Uint8Array | null> {
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
        if (this.#goesDirect) return null;
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
