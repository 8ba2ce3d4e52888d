/** So low, and a probability is the same for 0 and 1. */
export const evenOdds = 1024;

const leastRange = 1 << 24;

/**
 * LZMA's range decoder: reads bits, each with a probability that learns. `range` and `code` are 32 bits that are kept
 * as signed numbers, which V8 holds without allocating.
 */
export class RangeDecoder {
  readonly probs: Uint16Array;
  #input: Uint8Array = new Uint8Array();
  #at = 0;
  #range = 0;
  #code = 0;

  constructor(probs: Uint16Array) {
    this.probs = probs;
  }

  /** Begins with the bytes of a chunk. @returns Whether they can begin one. */
  begin(input: Uint8Array): boolean {
    this.#input = input;
    this.#at = 5;
    this.#range = -1;
    this.#code = (input[1]! << 24) | (input[2]! << 16) | (input[3]! << 8) | input[4]!;
    return input.length >= 5 && input[0] === 0;
  }

  /** Whether the chunk's bytes were all used, and no more than these. */
  end(): boolean {
    this.#normalize();
    return this.#at === this.#input.length && this.#code === 0;
  }

  bit(prob: number): number {
    this.#normalize();
    const odds = this.probs[prob]!;
    const bound = Math.imul(this.#range >>> 11, odds);
    if (this.#code >>> 0 < bound >>> 0) {
      this.#range = bound;
      this.probs[prob] = odds + ((2048 - odds) >>> 5);
      return 0;
    }
    this.#range = (this.#range - bound) | 0;
    this.#code = (this.#code - bound) | 0;
    this.probs[prob] = odds - (odds >>> 5);
    return 1;
  }

  /** A number of so many bits, the highest first, each prefix with a probability of its own. */
  tree(base: number, bits: number): number {
    return this.#symbol(base, 1 << bits) - (1 << bits);
  }

  /** The same with the lowest bit first. */
  reverseTree(base: number, bits: number): number {
    let symbol = this.#symbol(base, 1 << bits);
    let value = 0;
    for (; symbol > 1; symbol >>>= 1) value = (value << 1) | (symbol & 1);
    return value;
  }

  /** So many bits of even probability. */
  direct(bits: number): number {
    const input = this.#input;
    let range = this.#range;
    let code = this.#code;
    let value = 0;
    for (let left = bits; left > 0; left--) {
      if (range >>> 0 < leastRange) {
        range <<= 8;
        code = (code << 8) | (input[this.#at++] ?? 0);
      }
      range >>>= 1;
      const isOne = code >>> 0 >= range;
      if (isOne) code = (code - range) | 0;
      value = (value << 1) | (isOne ? 1 : 0);
    }
    this.#range = range | 0;
    this.#code = code;
    return value;
  }

  /** Reads bits until they are a symbol that is not below `end`. In one loop, since most of the time goes by here. */
  #symbol(base: number, end: number): number {
    const { probs } = this;
    const input = this.#input;
    let at = this.#at;
    let range = this.#range;
    let code = this.#code;
    let symbol = 1;
    while (symbol < end) {
      if (range >>> 0 < leastRange) {
        range <<= 8;
        code = (code << 8) | (input[at++] ?? 0);
      }
      const odds = probs[base + symbol]!;
      const bound = Math.imul(range >>> 11, odds);
      if (code >>> 0 < bound >>> 0) {
        range = bound;
        probs[base + symbol] = odds + ((2048 - odds) >>> 5);
        symbol <<= 1;
      } else {
        range = (range - bound) | 0;
        code = (code - bound) | 0;
        probs[base + symbol] = odds - (odds >>> 5);
        symbol = (symbol << 1) | 1;
      }
    }
    this.#at = at;
    this.#range = range;
    this.#code = code;
    return symbol;
  }

  /** A literal byte after a match: the byte that the match would have continued with helps to tell it. */
  matchedLiteral(base: number, matchByte: number): number {
    let offset = 256;
    let symbol = 1;
    for (let match = matchByte << 1; symbol < 256; match <<= 1) {
      const matchBit = match & offset;
      const bit = this.bit(base + offset + matchBit + symbol);
      symbol = (symbol << 1) | bit;
      offset &= bit === 1 ? matchBit : ~matchBit;
    }
    return symbol & 255;
  }

  #normalize(): void {
    if (this.#range >>> 0 >= leastRange) return;
    this.#range <<= 8;
    // What is missing reads as zeros; that too much was read is found at the end.
    this.#code = (this.#code << 8) | (this.#input[this.#at] ?? 0);
    this.#at++;
  }
}
