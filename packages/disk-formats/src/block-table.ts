import type { DiskMap } from "./disk-map.js";
import { PieceWindow, type Piece } from "./pieces.js";
import type { Entries, Table, Tables } from "./tables.js";

/** A table that says where each block of a disk is. */
export interface BlockTable {
  readonly variant: string;
  readonly sizeBytes: number;
  readonly blockBytes: number;
  readonly tables: Tables;
  readonly table: Table;
  /** Returns the index of a block's entry in the table. @default The block's own number. */
  entryOf?(block: number): number;
  /**
   * Returns where the block of an entry lies in the file; null if it reads as zeros. `at` is where the entry
   * begins.
   */
  place(entries: Entries, at: number, block: number): number | null;
}

/** Returns the map of a disk with a single table of blocks: VHD, VHDX and VDI. */
export function blockTableDisk(given: BlockTable): DiskMap {
  const { variant, sizeBytes, blockBytes, tables, table } = given;
  const entryOf = (block: number): number => given.entryOf?.(block) ?? block;
  const pieces = async (
    offset: number,
    lengthBytes: number,
    signal: AbortSignal,
  ): Promise<readonly Piece[]> => {
    const first = Math.floor(offset / blockBytes);
    const firstEntry = entryOf(first);
    const entries = await tables.entries(table, firstEntry, signal);
    const window = new PieceWindow(first * blockBytes, offset, lengthBytes);
    for (let block = first; !window.isFull; block += 1) {
      const index = entryOf(block) - firstEntry;
      if (index >= entries.count) break;
      const place = given.place(entries, entries.start + index * table.entryBytes, block);
      if (place === null) window.addZeros(blockBytes);
      else window.addData(blockBytes, place);
    }
    return window.pieces;
  };
  return { variant, sizeBytes, pieces };
}
