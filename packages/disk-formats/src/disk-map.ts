import type { Piece } from "./pieces.js";

/** The map of a format: where each byte of the disk is in the file. */
export interface DiskMap {
  /** The version and options of the format, for a person. */
  readonly variant: string;
  /** The length of the raw disk. */
  readonly sizeBytes: number;
  /**
   * Resolves to the pieces of the disk from `offset` on: at least one, and no more than `lengthBytes` in all,
   * but fewer where they are in another table. The reader checks that the file has them.
   */
  pieces(offset: number, lengthBytes: number, signal: AbortSignal): Promise<readonly Piece[]>;
  /**
   * Rejects with FormatDamagedError if the image has more tables than its file can hold, so that to walk
   * through them takes no longer than to read the file.
   */
  checkTables?(signal: AbortSignal): Promise<void>;
}
