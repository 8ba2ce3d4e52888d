/** The output of an LZMA decoder, of which it can repeat the last `dictionaryBytes`. */
export class LzmaWindow {
  readonly bytes: Uint8Array;
  readonly #dictionaryBytes: number;
  /** Where the next byte goes. */
  at = 0;
  /** Where the bytes begin that may be repeated. */
  #start = 0;

  /** @param mostBytes The most that is written between two calls of `makeRoom`. */
  constructor(dictionaryBytes: number, mostBytes: number) {
    this.#dictionaryBytes = dictionaryBytes;
    // The rarer the bytes have to be moved, the less that costs.
    this.bytes = new Uint8Array(dictionaryBytes + Math.max(2 * mostBytes, dictionaryBytes / 4));
  }

  /** Makes room for so many bytes. What was taken from the window before is overwritten. */
  makeRoom(bytes: number): void {
    if (this.at + bytes <= this.bytes.length) return;
    const keep = Math.min(this.at - this.#start, this.#dictionaryBytes);
    this.bytes.copyWithin(0, this.at - keep, this.at);
    this.#start = 0;
    this.at = keep;
  }

  /** Forgets what was written: it cannot be repeated from now on. */
  reset(): void {
    this.#start = this.at;
  }

  /** The byte that was written so far back; 0 where there is none. */
  back(distance: number): number {
    return distance <= this.at - this.#start ? this.bytes[this.at - distance]! : 0;
  }

  /** Whether bytes that were written so far back can be repeated. */
  has(distance: number): boolean {
    return distance <= this.at - this.#start && distance <= this.#dictionaryBytes;
  }

  repeat(distance: number, lengthBytes: number): void {
    const { bytes } = this;
    const from = this.at - distance;
    if (distance >= lengthBytes) bytes.copyWithin(this.at, from, from + lengthBytes);
    else if (distance === 1) bytes.fill(bytes[from]!, this.at, this.at + lengthBytes);
    else for (let n = 0; n < lengthBytes; n++) bytes[this.at + n] = bytes[from + n]!;
    this.at += lengthBytes;
  }
}
