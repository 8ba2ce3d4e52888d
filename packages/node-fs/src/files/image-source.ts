import type { DiskFormat } from "@img/disk-formats";
import { InvalidOptionError } from "@img/transfer";
import {
  compressionIn,
  compressions,
  isCompression,
  type Compression,
} from "../compressed/compression.js";
import type { CompressedSource } from "../compressed/compressed-source.js";
import { checkFormat, diskSourceIn, orClosed, type DiskSource } from "./disk-source.js";
import { openFileSource } from "./file-source.js";

/** What a file that can be uploaded is: a disk in some format, or a compressed raw disk. */
export type ImageFormat = DiskFormat | Compression;

/** How a file is opened. */
export interface OpenImageSourceOptions {
  /** What the file is. `"raw"` takes its bytes as they are. @default "auto": detected from its content */
  readonly format?: ImageFormat | "auto" | undefined;
  /** Ends the opening early. @default None. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a file to be uploaded: as the raw disk that it describes, or that it is when it is unpacked.
 *
 * @throws {SourceUnusableError} It is missing, unreadable, or not a regular file.
 * @throws An error with a code that begins with `FORMAT_`: the disk image is damaged, or needs what is not read.
 */
export async function openImageSource(
  path: string,
  options: OpenImageSourceOptions = {},
): Promise<DiskSource | CompressedSource> {
  const { format = "auto", signal = new AbortController().signal } = options;
  checkFormat(format, compressions);
  const file = await openFileSource(path);
  return orClosed(file, async () => {
    const found = await formatFor(format, () => compressionIn(file, signal));
    if (!isCompression(found)) return diskSourceIn(file, found, signal);
    // Most files are not: what unpacks is loaded with the first that is.
    const { compressedSource } = await import("../compressed/compressed-source.js");
    return compressedSource(file, found);
  });
}

/**
 * What a file is to be taken as: the compression that it has, or else the format of its disk.
 *
 * @param find Looks how the file is compressed.
 * @throws {InvalidOptionError} It is not compressed as the format says.
 */
export async function formatFor(
  format: ImageFormat | "auto",
  find: () => Promise<Compression | null>,
): Promise<ImageFormat | "auto"> {
  if (format !== "auto" && !isCompression(format)) return format;
  const found = await find();
  if (format === "auto" || format === found) return found ?? "auto";
  const is = found ?? "not compressed";
  throw new InvalidOptionError("format", format, `auto, since the file is ${is}`);
}
