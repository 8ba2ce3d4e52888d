import { checkDirectory } from "../directory.js";
import type { DiskMap } from "../disk-map.js";
import type { ImageFile } from "../image-file.js";
import { PieceWindow, type Piece } from "../pieces.js";
import { Tables, type Entries, type Table } from "../tables.js";
import { sectorBytes, type VmdkHeader } from "./header.js";

/** The map of a sparse VMDK. Its directory names tables of grains. */
export class VmdkGrains implements DiskMap {
  readonly variant: string;
  readonly sizeBytes: number;
  readonly #file: ImageFile;
  readonly #header: VmdkHeader;
  readonly #tables: Tables;
  readonly #directory: Table;
  readonly #tableDiskBytes: number;

  constructor(file: ImageFile, header: VmdkHeader) {
    this.#file = file;
    this.#header = header;
    this.#tables = new Tables(file, "little");
    this.variant = header.kind;
    this.sizeBytes = header.sizeBytes;
    this.#tableDiskBytes = header.grainBytes * header.grainsPerTable;
    this.#directory = {
      what: "grain directory",
      offset: header.directoryOffset,
      entryBytes: 4,
      entries: Math.ceil(header.sizeBytes / this.#tableDiskBytes),
    };
  }

  async pieces(
    offset: number,
    lengthBytes: number,
    signal: AbortSignal,
  ): Promise<readonly Piece[]> {
    const { grainBytes } = this.#header;
    const tableIndex = Math.floor(offset / this.#tableDiskBytes);
    const directory = await this.#tables.entries(this.#directory, tableIndex, signal);
    const tableAt = tableIndex * this.#tableDiskBytes;
    if (entryIn(directory, 0) === 0) {
      return this.#emptyTables(directory, new PieceWindow(tableAt, offset, lengthBytes));
    }
    const first = Math.floor((offset - tableAt) / grainBytes);
    const grains = await this.#tables.entries(this.#tableOf(directory), first, signal);
    const window = new PieceWindow(tableAt + first * grainBytes, offset, lengthBytes);
    for (let index = 0; index < grains.count && !window.isFull; index += 1) {
      this.#add(window, grains, index);
    }
    return window.pieces;
  }

  checkTables(signal: AbortSignal): Promise<void> {
    const tableBytes = this.#header.grainsPerTable * 4;
    const isTable = (entries: Entries, index: number): boolean => entryIn(entries, index) !== 0;
    return checkDirectory(this.#file, this.#tables, this.#directory, tableBytes, isTable, signal);
  }

  #tableOf(directory: Entries): Table {
    const offset = entryIn(directory, 0) * sectorBytes;
    return { what: "a grain table", offset, entryBytes: 4, entries: this.#header.grainsPerTable };
  }

  /** Returns the run of empty entries that begins here, which have no table. */
  #emptyTables(directory: Entries, window: PieceWindow): readonly Piece[] {
    for (let index = 0; index < directory.count && !window.isFull; index += 1) {
      if (entryIn(directory, index) !== 0) break;
      window.addZeros(this.#tableDiskBytes);
    }
    return window.pieces;
  }

  #add(window: PieceWindow, grains: Entries, index: number): void {
    const { grainBytes, hasZeroedGrains, kind } = this.#header;
    const entry = entryIn(grains, index);
    if (entry === 0 || (entry === 1 && hasZeroedGrains)) {
      window.addZeros(grainBytes);
    } else if (kind === "monolithicSparse") {
      window.addData(grainBytes, entry * sectorBytes);
    } else {
      const next = index + 1 < grains.count ? entryIn(grains, index + 1) : 0;
      window.addPacked({
        packing: "grain",
        at: entry * sectorBytes,
        packedBytes: this.#packedBytes(entry, next),
        blockBytes: grainBytes,
        leastBytes: Math.min(grainBytes, this.sizeBytes - window.at),
        diskOffset: window.at,
      });
    }
  }

  /**
   * Returns how much to read for a grain. Its length is stored before it; if the next grain follows closely, no
   * more has to be read.
   */
  #packedBytes(entry: number, next: number): number {
    const mostBytes = 2 * this.#header.grainBytes;
    const untilNext = (next - entry) * sectorBytes;
    return untilNext > 0 && untilNext < mostBytes ? untilNext : mostBytes;
  }
}

const entryIn = (entries: Entries, index: number): number =>
  entries.fields.u32(entries.start + index * 4);
