import { NotReadError, type DiskReader } from "./disk-reader.js";
import { fatEntries, type FatEntry } from "./fat-directory.js";
import { Fields } from "../fields.js";

/** The maximum that is read of one directory. */
const mostDirectoryBytes = 64 * 1024;

/** Where the parts of a FAT file system are, in bytes of the disk. */
interface Layout {
  readonly bits: 12 | 16 | 32;
  readonly fatStart: number;
  readonly rootStart: number;
  readonly rootBytes: number;
  readonly rootCluster: number;
  readonly dataStart: number;
  readonly clusterBytes: number;
  readonly clusters: number;
}

/** A FAT12, FAT16 or FAT32 file system. Only what a path needs is read. */
export class FatVolume {
  readonly #reader: DiskReader;
  readonly #layout: Layout;

  private constructor(reader: DiskReader, layout: Layout) {
    this.#reader = reader;
    this.#layout = layout;
  }

  /** Opens the file system that begins at `startBytes`; null if it is not FAT. */
  static async open(reader: DiskReader, startBytes: number): Promise<FatVolume | null> {
    const sector = await reader.upTo(startBytes, 512);
    const layout = sector.length === 512 ? layoutOf(sector, startBytes) : null;
    return layout && new FatVolume(reader, layout);
  }

  get bits(): 12 | 16 | 32 {
    return this.#layout.bits;
  }

  /** Finds the file or folder of this path, ignoring case; null if there is none. */
  async find(path: readonly string[]): Promise<FatEntry | null> {
    let entry: FatEntry | null = null;
    for (const name of path) {
      const bytes: Uint8Array = entry === null ? await this.#root() : await this.#contents(entry);
      entry = fatEntries(bytes).find((one) => isNamed(one, name)) ?? null;
      if (entry === null) return null;
    }
    return entry;
  }

  /** Reads the first `lengthBytes` of a file, or less if it is shorter. */
  async head(file: FatEntry, lengthBytes: number): Promise<Uint8Array> {
    const { clusterBytes } = this.#layout;
    const wanted = Math.min(lengthBytes, file.sizeBytes, clusterBytes);
    const cluster = this.#firstCluster(file);
    if (!this.#isCluster(cluster)) throw new NotReadError("a file begins outside of its volume");
    return this.#reader.bytes(this.#clusterStart(cluster), wanted);
  }

  async #root(): Promise<Uint8Array> {
    const { bits, rootStart, rootBytes, rootCluster } = this.#layout;
    return bits === 32
      ? this.#chain(rootCluster)
      : this.#reader.bytes(rootStart, Math.min(rootBytes, mostDirectoryBytes));
  }

  async #contents(folder: FatEntry): Promise<Uint8Array> {
    return folder.isFolder ? this.#chain(this.#firstCluster(folder)) : new Uint8Array(0);
  }

  /** Returns the first cluster. Only FAT32 uses the upper 16 bits; in others they may hold anything. */
  #firstCluster({ cluster }: FatEntry): number {
    return this.#layout.bits === 32 ? cluster : cluster & 0xffff;
  }

  /** Reads the clusters of a folder. A chain that loops ends at the maximum. */
  async #chain(first: number): Promise<Uint8Array> {
    const { clusterBytes } = this.#layout;
    const bytes = new Uint8Array(mostDirectoryBytes);
    let length = 0;
    for (let cluster = first; this.#isCluster(cluster); cluster = await this.#next(cluster)) {
      const piece = Math.min(clusterBytes, mostDirectoryBytes - length);
      if (piece === 0) break;
      bytes.set(await this.#reader.bytes(this.#clusterStart(cluster), piece), length);
      length += piece;
    }
    return bytes.subarray(0, length);
  }

  #isCluster(cluster: number): boolean {
    return cluster >= 2 && cluster < this.#layout.clusters + 2;
  }

  #clusterStart(cluster: number): number {
    return this.#layout.dataStart + (cluster - 2) * this.#layout.clusterBytes;
  }

  async #next(cluster: number): Promise<number> {
    const { bits, fatStart } = this.#layout;
    if (bits === 32) {
      const fields = new Fields(await this.#reader.bytes(fatStart + cluster * 4, 4), "little");
      return fields.u32(0) & 0x0fffffff;
    }
    const at = fatStart + (bits === 16 ? cluster * 2 : cluster + (cluster >> 1));
    const pair = new Fields(await this.#reader.bytes(at, 2), "little").u16(0);
    if (bits === 16) return pair;
    return cluster % 2 === 0 ? pair & 0xfff : pair >> 4;
  }
}

const isNamed = (entry: FatEntry, name: string): boolean =>
  entry.names.some((one) => one.toUpperCase() === name.toUpperCase());

const isPowerOfTwo = (value: number): boolean => value > 0 && (value & (value - 1)) === 0;

/** Computes the layout from the first sector, after Microsoft's "FAT32 File System Specification" 1.03. */
function layoutOf(sector: Uint8Array, startBytes: number): Layout | null {
  const fields = new Fields(sector, "little");
  const bytesPerSector = fields.u16(11);
  const sectorsPerCluster = fields.u8(13);
  const reserved = fields.u16(14);
  const fats = fields.u8(16);
  const isPlausible =
    fields.u16(510) === 0xaa55 &&
    [512, 1024, 2048, 4096].includes(bytesPerSector) &&
    isPowerOfTwo(sectorsPerCluster) &&
    reserved > 0 &&
    fats > 0 &&
    fats <= 2;
  if (!isPlausible) return null;
  const rootEntries = fields.u16(17);
  const sectors = fields.u16(19) || fields.u32(32);
  const shortFatSectors = fields.u16(22);
  const fatSectors = shortFatSectors || fields.u32(36);
  const rootSectors = Math.ceil((rootEntries * 32) / bytesPerSector);
  const dataSector = reserved + fats * fatSectors + rootSectors;
  const clusters = Math.floor((sectors - dataSector) / sectorsPerCluster);
  if (fatSectors === 0 || clusters < 1) return null;
  const at = (sectorNumber: number) => startBytes + sectorNumber * bytesPerSector;
  return {
    // Firmware (EDK II) and Linux detect FAT32 by this field, not by the count of clusters.
    bits: shortFatSectors === 0 ? 32 : clusters < 4085 ? 12 : 16,
    fatStart: at(reserved),
    rootStart: at(dataSector - rootSectors),
    rootBytes: rootEntries * 32,
    rootCluster: fields.u32(44),
    dataStart: at(dataSector),
    clusterBytes: sectorsPerCluster * bytesPerSector,
    clusters,
  };
}
