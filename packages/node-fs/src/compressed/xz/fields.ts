import { sound } from "../decode-faults.js";

/** A number of 32 bits, the lowest byte first. */
export const u32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

export const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

export const isZeros = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** Reads numbers of 1 to 9 bytes, 7 bits each, the lowest first. */
export class Numbers {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** @throws {Unsound} There is no number, or it is longer than any file. */
  next(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.#bytes[this.at++];
      sound(byte !== undefined, "a number is cut off");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    sound(false, "a number is too large");
  }
}
