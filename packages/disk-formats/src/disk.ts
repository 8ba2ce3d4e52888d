/**
 * The file of a disk image: a file, a Blob, an object at a URL. Opened and closed by the caller. A `Source` of
 * `@img/transfer` is one.
 */
export interface DiskFile {
  /** The length of the file, fixed while it is open. */
  readonly sizeBytes: number;
  /**
   * Fills `into` with the bytes from `offset` on, and resolves when it is full. It is never called for bytes
   * after the end. Several calls may run at once. Rejects with `signal.reason` once aborted; `into` may then
   * hold anything, but is no longer written to.
   */
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
}

/** How a file encodes a disk. */
export type DiskFormat = "raw" | "qcow2" | "vmdk" | "vhd" | "vhdx" | "vdi";

/** Every format that can be read. */
export const diskFormats: readonly DiskFormat[] = ["raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi"];

/** The raw disk that a file describes. It has nothing to close; the file is the caller's. */
export interface Disk {
  /** How the file encodes it. */
  readonly format: DiskFormat;
  /** The version and options of the format, for people: "version 3, zstd". Empty for a raw disk. */
  readonly variant: string;
  /** The length of the raw disk. */
  readonly sizeBytes: number;
  /** Whether a compressed block was read so far; `describe` reads the tables of all. */
  readonly isCompressed: boolean;
  /**
   * Fills `into` with the disk's bytes from `offset` on. Bytes that the format marks as zeros are not read from
   * the file. Several calls may run at once.
   *
   * @throws {RangeError} The range is not within the disk.
   * @throws {FormatDamagedError} The file's tables for this range are not valid.
   */
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
  /**
   * Yields the runs of data and of zeros from `offset` to `end`, in order and without a gap. Reads the format's
   * tables, never data. A raw disk is one run of data.
   */
  runs(offset: number, end: number, signal: AbortSignal): AsyncIterable<DiskRun>;
  /** Reads every table once, and tells how much data the disk has. */
  describe(signal: AbortSignal): Promise<DiskDescription>;
}

/** A contiguous range of a disk. */
export interface DiskRun {
  /** Where it begins. */
  readonly offset: number;
  /** The length, at least 1. */
  readonly lengthBytes: number;
  /** Whether the format marks it as zeros. Data may be zeros too. */
  readonly isZero: boolean;
}

/** A description of a disk image, for people. */
export interface DiskDescription {
  /** How the file encodes the disk. */
  readonly format: DiskFormat;
  /** The version and options of the format. Empty for a raw disk. */
  readonly variant: string;
  /** The length of the raw disk. */
  readonly sizeBytes: number;
  /** How many bytes of the disk have data in the file. */
  readonly dataBytes: number;
  /** The length of the file. */
  readonly fileBytes: number;
}
