import type { Piece } from "./pieces.js";

/** The map of a disk: where each of its bytes is in the file. */
export interface DiskMap {
  /** The version and options of the format, for people. */
  readonly variant: string;
  /** The length of the raw disk. */
  readonly sizeBytes: number;
  /**
   * Resolves to the pieces of the disk from `offset` on: at least one, of at most `lengthBytes` in all. There
   * may be fewer if the next ones are in another table. The reader checks that the file has them.
   */
  pieces(offset: number, lengthBytes: number, signal: AbortSignal): Promise<readonly Piece[]>;
  /**
   * Rejects with FormatDamagedError if the image has more tables than its file can hold, so that reading all
   * tables takes no longer than reading the file.
   */
  checkTables?(signal: AbortSignal): Promise<void>;
}
