/** How a block is compressed. A grain is VMDK's: a marker, followed by a zlib stream. */
export type Packing = "deflate" | "zstd" | "grain";

/** A compressed block of a disk. */
export interface PackedBlock {
  readonly packing: Packing;
  /** Its offset in the file. */
  readonly at: number;
  /** Its maximum length in the file; it may be shorter. */
  readonly packedBytes: number;
  /** Its maximum length when unpacked. */
  readonly blockBytes: number;
  /** Its minimum length when unpacked: less than the maximum only for the block in which the disk ends. */
  readonly leastBytes: number;
  /** Its offset on the disk. */
  readonly diskOffset: number;
}

/** A contiguous range of a disk, and where its bytes are. */
export type Piece =
  | { readonly kind: "zero"; readonly lengthBytes: number }
  | { readonly kind: "data"; readonly lengthBytes: number; readonly at: number }
  | {
      readonly kind: "packed";
      readonly lengthBytes: number;
      readonly block: PackedBlock;
      /** The offset of the range in the unpacked block. */
      readonly skipBytes: number;
    };

/**
 * Collects the pieces of a range of the disk. Blocks are added in order, from one that begins at or before the
 * range. What lies outside is cut off; pieces that are adjacent on the disk and in the file become one.
 */
export class PieceWindow {
  readonly pieces: Piece[] = [];
  readonly #from: number;
  readonly #to: number;
  #at: number;

  /** @param firstBlockAt The disk offset of the first block that is added. */
  constructor(firstBlockAt: number, from: number, lengthBytes: number) {
    this.#at = firstBlockAt;
    this.#from = from;
    this.#to = from + lengthBytes;
  }

  /** The disk offset of the next block. */
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
