import { openDisk, type Disk, type DiskDescription, type DiskFormat } from "@img/disk-formats";
import type { Identity, Source } from "@img/transfer";
import { crc32InSlices } from "./crc32.js";

// Loaded with the first file that is a disk image and not raw: most pages never need it.

/** A disk image as the source of an upload: its bytes are those of the raw disk that it describes. */
export class DiskImage implements Source {
  readonly label: string;
  readonly sizeBytes: number;
  readonly identity: Identity;
  readonly format: string;
  readonly description: DiskDescription;
  /** Absent if the file has none. */
  readonly crc32Now?: (offset: number, lengthBytes: number) => Promise<number>;
  readonly #file: Source;
  readonly #disk: Disk;

  private constructor(file: Source, disk: Disk, description: DiskDescription) {
    this.label = file.label;
    this.sizeBytes = disk.sizeBytes;
    this.identity = file.identity;
    this.format = disk.format;
    this.description = description;
    this.#file = file;
    this.#disk = disk;
    if (file.crc32Now !== undefined) this.crc32Now = (...range) => this.#crc32Now(...range);
  }

  /** Opens a disk image, and reads all of its tables, so that a damaged image is found before anything is sent. */
  static async open(
    file: Source,
    format: DiskFormat | "auto",
    signal: AbortSignal,
  ): Promise<DiskImage> {
    const disk = await openDisk(file, { format, signal });
    return new DiskImage(file, disk, await disk.describe(signal));
  }

  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#disk.read(offset, into, signal);
  }

  check(): Promise<void> {
    return this.#file.check();
  }

  /** Returns the CRC-32 of the disk that the file describes now: its tables are read again, too. */
  async #crc32Now(offset: number, lengthBytes: number): Promise<number> {
    const { signal } = new AbortController();
    const disk = await openDisk(this.#file, { format: this.#disk.format, signal });
    const bytes = new Uint8Array(lengthBytes);
    await disk.read(offset, bytes, signal);
    return crc32InSlices(bytes);
  }
}
