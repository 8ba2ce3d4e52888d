/**
 * Reads a disk image in any common format as the raw disk that it describes, at any offset: qcow2, VMDK, VHD,
 * VHDX, VDI and raw. Pure TypeScript over a port that reads a file at an offset; it depends on no platform, opens
 * no file and never follows a path that an image names.
 *
 * Most people need only `openDisk`. Everything in an image is checked before it is used; what cannot be read is an
 * error with a `code`. Codes never change, messages may.
 */
export { openDisk } from "./open-disk.js";
export type { OpenDiskOptions } from "./open-disk.js";
export { detectFormat } from "./detect-format.js";
export { diskFormats } from "./disk.js";
export type { Disk, DiskDescription, DiskFile, DiskFormat, DiskRun } from "./disk.js";
export {
  DiskFormatError,
  FormatDamagedError,
  FormatMismatchError,
  FormatUnsupportedError,
} from "./errors.js";
export { portableUnpackers } from "./unpackers.js";
export type { Unpack, Unpackers } from "./unpackers.js";
