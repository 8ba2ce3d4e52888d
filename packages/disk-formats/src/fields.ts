/** Reads numbers and texts of a header or table. Reading after its end is a bug of the caller. */
export class Fields {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #little: boolean;

  constructor(bytes: Uint8Array, order: "little" | "big") {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = order === "little";
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, this.#little);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, this.#little);
  }

  /** Reads 64 bits. Not exact above 2^53, which is more than any file or disk has. */
  u64(at: number): number {
    const [low, high] = this.#little ? [at, at + 4] : [at + 4, at];
    return this.u32(high) * 2 ** 32 + this.u32(low);
  }

  /** Reads a text, one byte a character. */
  text(at: number, lengthBytes: number): string {
    return String.fromCharCode(...this.bytes.subarray(at, at + lengthBytes));
  }

  isZero(at: number, lengthBytes: number): boolean {
    return this.bytes.subarray(at, at + lengthBytes).every((byte) => byte === 0);
  }
}
