import { detectFormat } from "./detect-format.js";
import type { Disk, DiskFile, DiskFormat } from "./disk.js";
import type { DiskMap } from "./disk-map.js";
import { FormatMismatchError } from "./errors.js";
import { fixedDisk } from "./fixed-disk.js";
import { ImageFile } from "./image-file.js";
import { MappedDisk } from "./mapped-disk.js";
import { Qcow2Clusters } from "./qcow2/clusters.js";
import { readHeader } from "./qcow2/header.js";
import { portableUnpackers, type Unpackers } from "./unpackers.js";
import { openVdi } from "./vdi/open-vdi.js";
import { openVhd } from "./vhd/open-vhd.js";
import { openVhdx } from "./vhdx/open-vhdx.js";
import { openVmdk } from "./vmdk/open-vmdk.js";

/** The options of {@link openDisk}. */
export interface OpenDiskOptions {
  /**
   * The format of the file. `"raw"` takes its bytes as they are.
   *
   * @default "auto": detected from its content, never from its name
   */
  readonly format?: DiskFormat | "auto" | undefined;
  /** The functions that unpack compressed blocks. @default `portableUnpackers` */
  readonly unpackers?: Unpackers | undefined;
  /** Ends the opening early. @default None. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a disk image as the raw disk that it describes. Reads only headers; the rest is read when it is needed,
 * within a few MiB of memory.
 *
 * @throws {FormatDamagedError} A header or table is not valid.
 * @throws {FormatUnsupportedError} The image needs something that is not supported: another file, a key, a
 * newer feature.
 * @throws {FormatMismatchError} The file is not in the format that was asked for.
 * @throws What reading the file rejects with, or the signal's reason.
 */
export async function openDisk(file: DiskFile, options: OpenDiskOptions = {}): Promise<Disk> {
  const { format = "auto", unpackers = portableUnpackers } = options;
  const signal = options.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  const found = format === "raw" ? "raw" : await detectFormat(file, signal);
  if (format !== "auto" && format !== found) throw new FormatMismatchError(format, found);
  const image = new ImageFile(file, found);
  return new MappedDisk(image, await openers[found](image, signal), unpackers);
}

type Opener = (file: ImageFile, signal: AbortSignal) => DiskMap | Promise<DiskMap>;

const openers: Readonly<Record<DiskFormat, Opener>> = {
  raw: (file) => fixedDisk("", file.sizeBytes),
  qcow2: async (file, signal) => new Qcow2Clusters(file, await readHeader(file, signal)),
  vmdk: openVmdk,
  vhd: openVhd,
  vhdx: openVhdx,
  vdi: openVdi,
};
