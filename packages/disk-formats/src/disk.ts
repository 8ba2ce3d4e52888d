/**
 * The file of a disk image: a file, a Blob, an object at a URL. Opened and closed by the caller. A `Source` of
 * `@img/transfer` is one.
 */
export interface DiskFile {
  /** Fixed for as long as the file is open. */
  readonly sizeBytes: number;
  /**
   * Fills `into` with the bytes from `offset` on and resolves when it is full. Never called for bytes past
   * the end. Several calls may run at once. Rejects with `signal.reason` once aborted; `into` may then hold
   * anything, but is no longer written to.
   */
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
}

/** How a file encodes a disk. */
export type DiskFormat = "raw" | "qcow2" | "vmdk" | "vhd" | "vhdx" | "vdi";

/** Every format that can be read. */
export const diskFormats: readonly DiskFormat[] = ["raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi"];

/** The raw disk that a file describes. It holds nothing open; the file is the caller's. */
export interface Disk {
  /** How the file encodes it. */
  readonly format: DiskFormat;
  /** The version and options of the format, for a person: "version 3, zstd". Empty for a raw disk. */
  readonly variant: string;
  /** The length of the raw disk. */
  readonly sizeBytes: number;
  /** Whether a compressed block was met so far; `describe` meets them all. */
  readonly isCompressed: boolean;
  /**
   * Fills `into` with the disk's bytes from `offset` on. Bytes that the format knows to be zeros are not
   * read from the file. Several calls may run at once.
   *
   * @throws {RangeError} The range is not within the disk.
   * @throws {FormatDamagedError} What the file says of this range cannot be true.
   */
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
  /**
   * The runs of data and of zeros from `offset` to `end`, in order and without a gap. Reads the format's
   * tables, never data. A raw disk is one run of data.
   */
  runs(offset: number, end: number, signal: AbortSignal): AsyncIterable<DiskRun>;
  /** Looks at every table once, and says how much data the disk has. */
  describe(signal: AbortSignal): Promise<DiskDescription>;
}

/** A stretch of a disk. */
export interface DiskRun {
  /** Where it begins. */
  readonly offset: number;
  /** At least 1. */
  readonly lengthBytes: number;
  /** Whether the format knows that it reads as zeros. Data may be zeros too. */
  readonly isZero: boolean;
}

/** What a disk image is, for a person. */
export interface DiskDescription {
  /** How the file encodes the disk. */
  readonly format: DiskFormat;
  /** The version and options of the format. Empty for a raw disk. */
  readonly variant: string;
  /** The length of the raw disk. */
  readonly sizeBytes: number;
  /** How much of the disk the file has data for. */
  readonly dataBytes: number;
  /** The length of the file. */
  readonly fileBytes: number;
}
