import { kept, untilAborted } from "../promises/kept.js";
import type { Part } from "../plan.js";
import type { Digest, SavedDigest } from "../ports.js";
import type { Loan } from "../run/buffers.js";
import { Waiters } from "../promises/waiters.js";

/** How the digest of one transfer treats its parts. */
export interface DigestRules {
  /** Whether a part can be read again, by the digest, once it has moved. */
  readonly isStored: boolean;
  /** How many parts that come a little before their turn may wait for it in memory. */
  mayKeep(): number;
  /** Gets the digest's state after each part, if the state can be saved. */
  onSaved(saved: SavedDigest): void;
  /** Throws the error for a part whose bytes have changed. */
  onChanged(part: Part): never;
}

/**
 * Feeds the digest in order. While it keeps up with the lanes it takes the very buffers that they
 * work on; a part that moved earlier, or ahead of it, is read again from the file and must have the
 * CRC-32 that it had when it moved.
 */
export class DigestInOrder {
  readonly #digest: Digest;
  /** How many parts there are; Infinity until that is known. */
  #count: number;
  readonly #rules: DigestRules;
  /** Parts in memory that were not fed yet, by number. */
  readonly #held = new Map<number, Loan>();
  /** Resolves the CRC-32 that was promised for a part that came a little before its turn, by number. */
  readonly #promised = new Map<number, (fed: Promise<number>) => void>();
  /** Parts that can be read from the file, by number. */
  readonly #stored = new Map<number, { readonly part: Part; readonly crc32: number }>();
  readonly #feeding = new Map<number, Promise<number>>();
  readonly #news = new Waiters();
  /** How many parts were given to the digest: parts 1 to this number. */
  #next = 0;
  #fedBytes = 0;
  /** Whether the digest reads a part itself: nothing else may be fed meanwhile. */
  #isReading = false;
  #failure: { readonly error: unknown } | null = null;

  /** @param parts null where they are not known before they come. */
  constructor(digest: Digest, parts: readonly Part[] | null, rules: DigestRules) {
    this.#digest = digest;
    this.#count = parts?.length ?? Infinity;
    this.#rules = rules;
    this.#fedBytes = digest.saving?.startBytes ?? 0;
    this.#next = partsBefore(parts ?? [], this.#fedBytes);
  }

  /** Bytes that the digest has taken in. */
  get fedBytes(): number {
    return this.#fedBytes;
  }

  /** Parts that came a little before their turn, and wait for it in memory. */
  get waiting(): number {
    return this.#promised.size;
  }

  /**
   * A part's bytes are in memory, until `forget`. The digest takes them now, or soon if their turn is
   * near: reading them again from the file would cost more than the memory. A digest that prefers the file waits
   * until they are there.
   */
  offer(loan: Loan): void {
    const { number } = loan.part;
    if (number <= this.#next) return; // it read them itself
    if (this.#rules.isStored && this.#digest.prefersFile === true) return;
    this.#held.set(number, loan);
    if (this.#next + 1 === number) this.#feedFromMemory(loan);
    else if (this.#isNear(number)) this.#promise(number);
    this.#news.wake();
  }

  /**
   * Has the digest fill a part's memory from the file and take the bytes in the same pass.
   *
   * @returns false if the part is to be read otherwise: it is not the next one, or the digest does not read.
   */
  async read({ part, bytes }: Loan): Promise<boolean> {
    const { readInto } = this.#digest;
    const isNext = this.#next + 1 === part.number && !this.#isReading;
    if (readInto === undefined || !isNext) return false;
    this.#isReading = true;
    try {
      const crc32 = await readInto.call(this.#digest, part.offset, bytes);
      if (crc32 === null) return false;
      this.#next++;
      this.#feeding.set(part.number, Promise.resolve(crc32));
      this.#took(part);
      return true;
    } finally {
      this.#isReading = false;
      this.#news.wake();
    }
  }

  /**
   * The CRC-32 of a part that is fed from memory, or will be if it stays there; null if the digest did
   * not take it. It may never settle once the run has ended.
   */
  crc32Of(part: Part): Promise<number> | null {
    return this.#feeding.get(part.number) ?? null;
  }

  /** The part's buffer is about to be given back by its lane, and its bytes stand in the file. */
  stored(part: Part, crc32: number): void {
    this.forget(part);
    if (part.number > this.#next) this.#stored.set(part.number, { part, crc32 });
    this.#news.wake();
  }

  /** The part's memory is about to be reused. */
  forget(part: Part): void {
    this.#held.delete(part.number);
    this.#feeding.delete(part.number);
    this.#promised.delete(part.number);
  }

  /** Tells how many parts there are. */
  end(count: number): void {
    this.#count = count;
    this.#news.wake();
  }

  /** Feeds until the last part is in. @returns SHA-256, 64 lower-case hex digits. */
  async run(signal: AbortSignal): Promise<string> {
    while (this.#next < this.#count) {
      this.#throwIfFailed();
      const number = this.#next + 1;
      const loan = this.#held.get(number);
      const stored = this.#stored.get(number);
      if (this.#isReading) await this.#news.wait(signal);
      else if (loan !== undefined) this.#feedFromMemory(loan);
      else if (stored !== undefined) await this.#feedFromFile(stored.part, stored.crc32, signal);
      else await this.#news.wait(signal);
    }
    const sha256 = await untilAborted(this.#digest.finish(), signal);
    this.#throwIfFailed();
    return sha256;
  }

  #isNear(number: number): boolean {
    const most = this.#rules.mayKeep();
    return this.#promised.size < most && number <= this.#next + 2 * most;
  }

  #promise(number: number): void {
    const fed = kept(new Promise<number>((resolve) => this.#promised.set(number, resolve)));
    this.#feeding.set(number, fed);
  }

  #feedFromMemory(loan: Loan): void {
    loan.retain();
    this.#next++;
    const fed = kept(this.#digest.update(loan.bytes));
    const saving = kept(this.#save());
    this.#promised.get(loan.part.number)?.(fed);
    this.#promised.delete(loan.part.number);
    this.#feeding.set(loan.part.number, fed);
    fed
      .then(
        () => {
          this.#took(loan.part);
          saving?.then((state) => this.#saved(loan.part, state), nothing);
        },
        (error: unknown) => this.#fail(error),
      )
      .finally(() => loan.release());
  }

  async #feedFromFile(part: Part, crc32: number, signal: AbortSignal): Promise<void> {
    this.#next++;
    const feeding = kept(this.#digest.updateFromFile(part.offset, part.lengthBytes));
    const saving = kept(this.#save());
    const got = await untilAborted(feeding, signal);
    if (got !== crc32) this.#rules.onChanged(part);
    this.#took(part);
    if (saving !== undefined) this.#saved(part, await untilAborted(saving, signal));
  }

  /** Asked for at once, so that the digest has it before it has anything else to do. */
  #save(): Promise<string> | undefined {
    return this.#digest.saving?.save();
  }

  #saved(part: Part, state: string): void {
    this.#rules.onSaved({ positionBytes: part.offset + part.lengthBytes, state });
  }

  #took(part: Part): void {
    this.#fedBytes += part.lengthBytes;
    this.#stored.delete(part.number);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#news.wake();
  }

  #throwIfFailed(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

const nothing = (): void => undefined;

function partsBefore(parts: readonly Part[], bytes: number): number {
  const count = parts.findIndex((part) => part.offset >= bytes);
  const before = count === -1 ? parts.length : count;
  const last = parts[before - 1];
  if ((last === undefined ? 0 : last.offset + last.lengthBytes) === bytes) return before;
  throw new Error("bug: a digest starts within a part");
}
