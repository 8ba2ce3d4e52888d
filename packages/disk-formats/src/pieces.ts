/** How a block is compressed. A grain is VMDK's: a marker, then a zlib stream. */
export type Packing = "deflate" | "zstd" | "grain";

/** A compressed block of a disk. */
export interface PackedBlock {
  readonly packing: Packing;
  /** Where it lies in the file. */
  readonly at: number;
  /** It is no longer than this, and may be shorter. */
  readonly packedBytes: number;
  /** How long it is unpacked, at most. */
  readonly blockBytes: number;
  /** How long it is unpacked, at least: less only for the block that the disk ends in. */
  readonly leastBytes: number;
  /** Where it belongs on the disk. */
  readonly diskOffset: number;
}

/** A stretch of a disk, and where its bytes are. */
export type Piece =
  | { readonly kind: "zero"; readonly lengthBytes: number }
  | { readonly kind: "data"; readonly lengthBytes: number; readonly at: number }
  | {
      readonly kind: "packed";
      readonly lengthBytes: number;
      readonly block: PackedBlock;
      /** Where in the unpacked block it begins. */
      readonly skipBytes: number;
    };

/**
 * Gathers the pieces of a range of the disk. Blocks are added in order from one that begins at or before the
 * range; what lies outside is cut off, and neighbours that are neighbours in the file too become one piece.
 */
export class PieceWindow {
  readonly pieces: Piece[] = [];
  readonly #from: number;
  readonly #to: number;
  #at: number;

  /** @param firstBlockAt Where the first block that is added begins on the disk. */
  constructor(firstBlockAt: number, from: number, lengthBytes: number) {
    this.#at = firstBlockAt;
    this.#from = from;
    this.#to = from + lengthBytes;
  }

  /** Where the next block begins on the disk. */
  get at(): number {
    return this.#at;
  }

  get isFull(): boolean {
    return this.#at >= this.#to;
  }

  addZeros(blockBytes: number): void {
    const { takeBytes } = this.#cut(blockBytes);
    if (takeBytes <= 0) return;
    const last = this.pieces.at(-1);
    if (last?.kind === "zero") {
      this.pieces[this.pieces.length - 1] = {
        kind: "zero",
        lengthBytes: last.lengthBytes + takeBytes,
      };
    } else {
      this.pieces.push({ kind: "zero", lengthBytes: takeBytes });
    }
  }

  addData(blockBytes: number, fileOffset: number): void {
    const { skipBytes, takeBytes } = this.#cut(blockBytes);
    if (takeBytes <= 0) return;
    const at = fileOffset + skipBytes;
    const last = this.pieces.at(-1);
    if (last?.kind === "data" && last.at + last.lengthBytes === at) {
      const lengthBytes = last.lengthBytes + takeBytes;
      this.pieces[this.pieces.length - 1] = { kind: "data", lengthBytes, at: last.at };
    } else {
      this.pieces.push({ kind: "data", lengthBytes: takeBytes, at });
    }
  }

  addPacked(block: PackedBlock): void {
    const { skipBytes, takeBytes } = this.#cut(block.blockBytes);
    if (takeBytes > 0)
      this.pieces.push({ kind: "packed", lengthBytes: takeBytes, block, skipBytes });
  }

  #cut(blockBytes: number): { skipBytes: number; takeBytes: number } {
    const skipBytes = Math.max(0, this.#from - this.#at);
    const takeBytes = Math.min(this.#at + blockBytes, this.#to) - (this.#at + skipBytes);
    this.#at += blockBytes;
    return { skipBytes, takeBytes };
  }
}
