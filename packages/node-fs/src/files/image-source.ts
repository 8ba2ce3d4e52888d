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

/** The format of a file that can be uploaded: that of a disk image, or how a raw disk is compressed. */
export type ImageFormat = DiskFormat | Compression;

/** How a file is opened. */
export interface OpenImageSourceOptions {
  /** What the file is. `"raw"` takes its bytes as they are. @default "auto": detected from its content */
  readonly format?: ImageFormat | "auto" | undefined;
  /** Ends the opening early. @default None. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a file to be uploaded, as the raw disk that it describes or unpacks to.
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
    // Loaded for the first compressed file: most files are not compressed.
    const { compressedSource } = await import("../compressed/compressed-source.js");
    return compressedSource(file, found);
  });
}

/**
 * Returns what to open a file as: a compression, or else the format of its disk.
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
