import type { ZSTDDecoder } from "zstddec/stream";
import { Unsound } from "../decode-faults.js";

/** A block gives what fits into one or two of the decoder's buffers; one that is damaged gives nothing for ever. */
const mostEmptyTries = 16;

/**
 * Decodes one Zstandard frame by WebAssembly, piece by piece. `decodeStreaming` takes a piece with each call at most, and
 * has to find it there: so one piece is decoded when the next one has come.
 */
export class FrameDecoder {
  readonly #decoding: Iterator<Uint8Array>;
  readonly #pieces: Uint8Array[] = [];
  #isWhole = false;

  constructor(decoder: ZSTDDecoder) {
    this.#decoding = decoder.decodeStreaming(this.#taken());
  }

  static async load(): Promise<FrameDecoder> {
    const { ZSTDDecoder: Decoder } = await import("zstddec/stream");
    const decoder = new Decoder();
    await decoder.init();
    return new FrameDecoder(decoder);
  }

  /** Takes a piece, and gives what the pieces before it unpack to; with the last one, all of the rest. @throws {Unsound} */
  *decode(piece: Uint8Array, isLast: boolean): Generator<Uint8Array> {
    this.#pieces.push(piece);
    this.#isWhole = isLast;
    let empty = 0;
    while (this.#pieces.length > 1 || isLast) {
      const unpacked = this.#step();
      if (unpacked === null) return;
      empty = unpacked.length > 0 ? 0 : empty + 1;
      if (empty > mostEmptyTries) throw new Unsound("a block cannot be unpacked");
      if (unpacked.length > 0) yield unpacked;
    }
  }

  #step(): Uint8Array | null {
    try {
      const next: IteratorResult<Uint8Array, unknown> = this.#decoding.next();
      return next.done === true ? null : next.value;
    } catch (cause) {
      throw new Unsound("a block cannot be unpacked", { cause });
    }
  }

  *#taken(): Generator<Uint8Array> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) yield piece;
      else if (this.#isWhole) return;
      else throw new Error("bug: a frame is decoded further than it has come");
    }
  }
}
