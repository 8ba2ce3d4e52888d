import { LzmaWindow } from "./lzma-window.js";
import { evenOdds, RangeDecoder } from "./range-decoder.js";

const states = 12;
const lengthProbs = 2 + 2 * (16 << 3) + 256;

/** Where each kind of probability begins, in one array. */
const isMatch = 0;
const isRep = isMatch + (states << 4);
const isRepLater = isRep + states;
const isRep1Later = isRepLater + states;
const isRep2Later = isRep1Later + states;
const isRep0Long = isRep2Later + states;
const slots = isRep0Long + (states << 4);
const special = slots + (4 << 6);
const align = special + 128;
const matchLength = align + 16;
const repLength = matchLength + lengthProbs;
const literals = repLength + lengthProbs;
/** LZMA2 has no more than 4 bits of context. */
const mostProbs = literals + (0x300 << 4);

/**
 * Decodes LZMA as it is in LZMA2: each chunk says how long it is, packed and unpacked. After the LZMA SDK's
 * specification (lzma-specification.txt), which is in the public domain.
 */
export class LzmaDecoder {
  readonly #window: LzmaWindow;
  readonly #range = new RangeDecoder(new Uint16Array(mostProbs));
  #literalContextBits = 0;
  #literalPositionMask = 0;
  #positionMask = 0;
  #state = 0;
  /** The last four distances. */
  #rep0 = 1;
  #rep1 = 1;
  #rep2 = 1;
  #rep3 = 1;
  /** Counted from the last reset of the dictionary. */
  #position = 0;

  constructor(window: LzmaWindow) {
    this.#window = window;
  }

  /** @param properties lc, lp and pb in one byte. @returns Whether LZMA2 allows them. */
  setProperties(properties: number): boolean {
    const lc = properties % 9;
    const lp = Math.floor(properties / 9) % 5;
    const pb = Math.floor(properties / 45);
    this.#literalContextBits = lc;
    this.#literalPositionMask = (1 << lp) - 1;
    this.#positionMask = (1 << pb) - 1;
    return properties < 225 && lc + lp <= 4;
  }

  resetState(): void {
    this.#range.probs.fill(evenOdds);
    this.#state = 0;
    this.#rep0 = this.#rep1 = this.#rep2 = this.#rep3 = 1;
  }

  resetDictionary(): void {
    this.#window.reset();
    this.#position = 0;
  }

  /** Bytes that are stored as they are. */
  store(bytes: Uint8Array): void {
    this.#window.bytes.set(bytes, this.#window.at);
    this.#window.at += bytes.length;
    this.#position += bytes.length;
  }

  /** @returns Whether the chunk was sound. The window has room for what it unpacks to. */
  decode(chunk: Uint8Array, unpackedBytes: number): boolean {
    const window = this.#window;
    const end = window.at + unpackedBytes;
    if (!this.#range.begin(chunk)) return false;
    while (window.at < end) {
      const position = this.#position & this.#positionMask;
      const before = window.at;
      if (this.#range.bit(isMatch + (this.#state << 4) + position) === 0) this.#literal();
      else if (!this.#match(position, end)) return false;
      this.#position += window.at - before;
    }
    return this.#range.end();
  }

  #literal(): void {
    const window = this.#window;
    const state = this.#state;
    const context = window.back(1) >>> (8 - this.#literalContextBits);
    const place = (this.#position & this.#literalPositionMask) << this.#literalContextBits;
    const base = literals + 0x300 * (place + context);
    window.bytes[window.at] =
      state < 7
        ? this.#range.tree(base, 8)
        : this.#range.matchedLiteral(base, window.back(this.#rep0));
    window.at++;
    this.#state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
  }

  /** @returns Whether the bytes to be repeated are there, and fit. */
  #match(position: number, end: number): boolean {
    const range = this.#range;
    const isAfterLiteral = this.#state < 7;
    let lengthBytes: number;
    if (range.bit(isRep + this.#state) === 0) {
      lengthBytes = this.#length(matchLength, position);
      this.#state = isAfterLiteral ? 7 : 10;
      this.#remember(this.#distance(lengthBytes), 3);
    } else if (this.#takesRep(position)) {
      this.#state = isAfterLiteral ? 9 : 11;
      lengthBytes = 1;
    } else {
      lengthBytes = this.#length(repLength, position);
      this.#state = isAfterLiteral ? 8 : 11;
    }
    if (!this.#window.has(this.#rep0) || this.#window.at + lengthBytes > end) return false;
    this.#window.repeat(this.#rep0, lengthBytes);
    return true;
  }

  /** Takes one of the last distances. @returns Whether it is for one byte only. */
  #takesRep(position: number): boolean {
    const range = this.#range;
    const state = this.#state;
    if (range.bit(isRepLater + state) === 0) {
      return range.bit(isRep0Long + (state << 4) + position) === 0;
    }
    if (range.bit(isRep1Later + state) === 0) this.#remember(this.#rep1, 1);
    else if (range.bit(isRep2Later + state) === 0) this.#remember(this.#rep2, 2);
    else this.#remember(this.#rep3, 3);
    return false;
  }

  /** @param from Which of the last distances goes: the ones before it move on. */
  #remember(distance: number, from: 1 | 2 | 3): void {
    if (from === 3) this.#rep3 = this.#rep2;
    if (from >= 2) this.#rep2 = this.#rep1;
    this.#rep1 = this.#rep0;
    this.#rep0 = distance;
  }

  #length(base: number, position: number): number {
    const range = this.#range;
    if (range.bit(base) === 0) return 2 + range.tree(base + 2 + (position << 3), 3);
    if (range.bit(base + 1) === 0) return 10 + range.tree(base + 2 + 128 + (position << 3), 3);
    return 18 + range.tree(base + 2 + 256, 8);
  }

  /** From 1. What is out of every dictionary's reach is the end marker, which LZMA2 does not have. */
  #distance(lengthBytes: number): number {
    const range = this.#range;
    const slot = range.tree(slots + (Math.min(lengthBytes - 2, 3) << 6), 6);
    if (slot < 4) return slot + 1;
    const bits = (slot >>> 1) - 1;
    const high = (2 | (slot & 1)) * 2 ** bits;
    if (slot < 14) return high + range.reverseTree(special + high - slot, bits) + 1;
    const middle = (range.direct(bits - 4) >>> 0) * 16;
    return high + middle + range.reverseTree(align, 4) + 1;
  }
}
