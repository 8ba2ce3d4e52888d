import type { Compression } from "./compression.js";
import { NotDecoded, Unsound } from "./decode-faults.js";
import { PackedBytes, type NextBytes } from "./packed-bytes.js";
import { messageOf } from "../files/message-of.js";

/** What has come of asking for the next unpacked bytes. */
export type Decoded = { readonly lengthBytes: number } | DecodeFault;

/** Why there are no more bytes. */
export interface DecodeFault {
  /** What is wrong with the compressed file; "other" where it is not the file. */
  readonly fault: "damaged" | "unsupported" | "other";
  readonly why: string;
  /** How much of the compressed file had been taken. */
  readonly position: number;
}

/** Unpacks a compressed file into the memory that it is given. */
export class Decoder {
  readonly #packed: PackedBytes;
  readonly #compression: Compression;
  #pieces: AsyncGenerator<Uint8Array> | null = null;
  #rest: Uint8Array = new Uint8Array();

  constructor(next: NextBytes, compression: Compression) {
    this.#packed = new PackedBytes(next);
    this.#compression = compression;
  }

  /** Fills `into`; with fewer bytes only at the end. Calls do not overlap. */
  async read(into: Uint8Array): Promise<Decoded> {
    try {
      return { lengthBytes: await this.#fill(into) };
    } catch (error) {
      return { fault: kindOf(error), why: messageOf(error), position: this.#packed.position };
    }
  }

  /** Lets go of what unpacks. No `read` is running. */
  async close(): Promise<void> {
    await this.#pieces?.return(undefined);
  }

  async #fill(into: Uint8Array): Promise<number> {
    this.#pieces ??= await decode(this.#packed, this.#compression);
    let filled = 0;
    while (filled < into.length) {
      if (this.#rest.length === 0) {
        const next = await this.#pieces.next();
        if (next.done === true) break;
        this.#rest = next.value;
      }
      const piece = this.#rest.subarray(0, into.length - filled);
      into.set(piece, filled);
      filled += piece.length;
      this.#rest = this.#rest.subarray(piece.length);
    }
    return filled;
  }
}

function kindOf(error: unknown): DecodeFault["fault"] {
  if (error instanceof Unsound) return "damaged";
  return error instanceof NotDecoded ? "unsupported" : "other";
}

/** Unpacks a compressed file. Each piece is overwritten when the next is asked for. */
async function decode(
  packed: PackedBytes,
  compression: Compression,
): Promise<AsyncGenerator<Uint8Array>> {
  switch (compression) {
    case "gzip":
      return (await import("./gzip.js")).decodeGzip(packed);
    case "xz":
      return (await import("./xz/xz-file.js")).decodeXz(packed);
    case "zstd":
      return (await import("./zstd/zstd.js")).decodeZstd(packed);
  }
}
