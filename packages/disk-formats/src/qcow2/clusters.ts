import { checkDirectory } from "../directory.js";
import type { DiskMap } from "../disk-map.js";
import type { Fields } from "../fields.js";
import type { ImageFile } from "../image-file.js";
import { PieceWindow, type Piece } from "../pieces.js";
import { Tables, type Entries, type Table } from "../tables.js";
import type { Qcow2Header } from "./header.js";

const subclusters = 32;

/** The map of a qcow2 image. Its first-level table names tables of clusters. */
export class Qcow2Clusters implements DiskMap {
  readonly variant: string;
  readonly sizeBytes: number;
  readonly #file: ImageFile;
  readonly #header: Qcow2Header;
  readonly #tables: Tables;
  readonly #clusterBytes: number;
  readonly #l1: Table;
  readonly #l2: Omit<Table, "offset">;

  constructor(file: ImageFile, header: Qcow2Header) {
    this.#file = file;
    this.#header = header;
    this.#tables = new Tables(file, "big");
    this.sizeBytes = header.sizeBytes;
    const clusterBytes = 2 ** header.clusterBits;
    this.#clusterBytes = clusterBytes;
    const entryBytes = header.hasSubclusters ? 16 : 8;
    this.#l2 = { what: "an L2 table", entryBytes, entries: clusterBytes / entryBytes };
    const l1Entries = Math.ceil(header.sizeBytes / (clusterBytes * this.#l2.entries));
    this.#l1 = { what: "L1 table", offset: header.l1Offset, entryBytes: 8, entries: l1Entries };
    this.variant = variantOf(header);
  }

  async pieces(
    offset: number,
    lengthBytes: number,
    signal: AbortSignal,
  ): Promise<readonly Piece[]> {
    const l2DiskBytes = this.#clusterBytes * this.#l2.entries;
    const l1Index = Math.floor(offset / l2DiskBytes);
    const l1 = await this.#tables.entries(this.#l1, l1Index, signal);
    const l2Offset = this.#l2OffsetIn(l1, 0);
    if (l2Offset === 0) {
      return this.#emptyTables(l1, new PieceWindow(l1Index * l2DiskBytes, offset, lengthBytes));
    }
    const first = Math.floor((offset % l2DiskBytes) / this.#clusterBytes);
    const l2 = await this.#tables.entries({ ...this.#l2, offset: l2Offset }, first, signal);
    const firstAt = l1Index * l2DiskBytes + first * this.#clusterBytes;
    const window = new PieceWindow(firstAt, offset, lengthBytes);
    for (let index = 0; index < l2.count && !window.isFull; index += 1) {
      this.#add(window, l2.fields, l2.start + index * this.#l2.entryBytes);
    }
    return window.pieces;
  }

  checkTables(signal: AbortSignal): Promise<void> {
    const isTable = (l1: Entries, index: number): boolean => this.#l2OffsetIn(l1, index) !== 0;
    return checkDirectory(this.#file, this.#tables, this.#l1, this.#clusterBytes, isTable, signal);
  }

  /** Returns the run of empty entries that begins here, which have no second-level table. */
  #emptyTables(l1: Entries, window: PieceWindow): readonly Piece[] {
    for (let index = 0; index < l1.count && !window.isFull; index += 1) {
      if (this.#l2OffsetIn(l1, index) !== 0) break;
      window.addZeros(this.#clusterBytes * this.#l2.entries);
    }
    return window.pieces;
  }

  #add(window: PieceWindow, fields: Fields, at: number): void {
    if ((fields.u32(at) & 0x4000_0000) !== 0) this.#addPacked(window, fields, at);
    else if (this.#header.hasSubclusters) this.#addSubclusters(window, fields, at);
    else this.#addCluster(window, fields, at);
  }

  #addCluster(window: PieceWindow, fields: Fields, at: number): void {
    const readsAsZeros = (fields.u32(at + 4) & 1) !== 0;
    if (readsAsZeros && this.#header.version === 2) {
      throw this.#file.damaged("a cluster is marked as zeros, which version 2 does not have");
    }
    const offset = this.#offsetAt(fields, at, "a cluster");
    if (readsAsZeros || offset === 0) window.addZeros(this.#clusterBytes);
    else window.addData(this.#clusterBytes, offset);
  }

  #addSubclusters(window: PieceWindow, fields: Fields, at: number): void {
    const offset = this.#offsetAt(fields, at, "a cluster");
    const zeros = fields.u32(at + 8);
    const allocated = fields.u32(at + 12);
    if ((zeros & allocated) !== 0 || (allocated !== 0 && offset === 0)) {
      throw this.#file.damaged(`the subclusters of disk offset ${window.at} contradict each other`);
    }
    const bytes = this.#clusterBytes / subclusters;
    for (let each = 0; each < subclusters; each += 1) {
      if (((allocated >>> each) & 1) === 1) window.addData(bytes, offset + each * bytes);
      else window.addZeros(bytes);
    }
  }

  /**
   * Adds a compressed cluster. The lower bits of its entry are an offset, the upper ones a count of sectors;
   * their widths depend on the cluster size.
   */
  #addPacked(window: PieceWindow, fields: Fields, entryAt: number): void {
    const offsetBits = 62 - (this.#header.clusterBits - 8);
    const split = 2 ** (offsetBits - 32);
    const rest = fields.u32(entryAt) & 0x3fff_ffff;
    const at = (rest % split) * 2 ** 32 + fields.u32(entryAt + 4);
    const sectors = Math.floor(rest / split) + 1;
    const blockBytes = this.#clusterBytes;
    window.addPacked({
      packing: this.#header.compression,
      at,
      packedBytes: sectors * 512 - (at % 512),
      blockBytes,
      leastBytes: blockBytes,
      diskOffset: window.at,
    });
  }

  /** Returns the offset of a table or cluster, bits 9 to 55 of an entry; 0 if there is none. */
  #offsetAt(fields: Fields, at: number, what: string): number {
    const high = fields.u32(at) & 0x00ff_ffff;
    const offset = high * 2 ** 32 + ((fields.u32(at + 4) & 0xffff_fe00) >>> 0);
    if (offset % this.#clusterBytes !== 0) {
      throw this.#file.damaged(`${what} would begin within a cluster, at ${offset}`);
    }
    return offset;
  }

  #l2OffsetIn(l1: Entries, index: number): number {
    return this.#offsetAt(l1.fields, l1.start + index * 8, "an L2 table");
  }
}

function variantOf(header: Qcow2Header): string {
  const parts = [
    `version ${header.version}`,
    header.compression === "zstd" ? "zstd" : "",
    header.hasSubclusters ? "extended L2" : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}
