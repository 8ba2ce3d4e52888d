import type { DiskFile } from "@img/disk-formats";
import { compressionOf, compressions, magicBytes } from "../compressed/compression.js";
import { checkFormat } from "../files/disk-source.js";
import { compressionFor } from "../files/image-source.js";
import type { CompressedUrlSource } from "./compressed-url.js";
import { RangeReading } from "./range-reading.js";
import {
  fileIn,
  openWithRanges,
  sourceIn,
  type OpenUrlOptions,
  type UrlSource,
} from "./url-source.js";
import type { WebFile } from "./web-file.js";

/**
 * Opens a file on a web server as what an upload of it would send: the raw disk that it describes, or that it is when it
 * is unpacked.
 *
 * @throws What `openUrlSource` throws.
 */
export async function openUrlImage(
  url: URL,
  options: OpenUrlOptions = {},
): Promise<UrlSource | CompressedUrlSource> {
  const { signal = new AbortController().signal } = options;
  checkFormat(options.format, compressions);
  return imageIn(await openWithRanges(url, options, signal), options);
}

/** Takes over a file that is open, on a server with ranges: it is closed with the source, or if this fails. */
export async function imageIn(
  web: WebFile,
  options: OpenUrlOptions,
): Promise<UrlSource | CompressedUrlSource> {
  const { format = "auto", signal = new AbortController().signal } = options;
  const file = fileIn(web, options);
  try {
    const compression = await compressionFor(format, async () =>
      compressionOf(await headOf(file, signal)),
    );
    if (compression === null) return await sourceIn(web, file, options);
    const { compressedUrl } = await import("./compressed-url.js");
    return compressedUrl(web, compression, () => new RangeReading(web.label, file));
  } catch (error) {
    await web.close();
    throw error;
  }
}

async function headOf(file: DiskFile, signal: AbortSignal): Promise<Uint8Array> {
  const head = new Uint8Array(Math.min(magicBytes, file.sizeBytes));
  await file.read(0, head, signal);
  return head;
}
