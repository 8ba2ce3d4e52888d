import { randomUUID } from "node:crypto";
import type { Disk, DiskDescription, DiskFile, DiskFormat } from "@img/disk-formats";
import {
  leftOut,
  MiB,
  SourceUnusableError,
  type Identity,
  type Outage,
  type Reading,
  type Source,
} from "@img/transfer";
import { compressionIn, compressions, isCompression } from "../compressed/compression.js";
import { checkDiskFormat, checkFormat, diskIn, orClosed } from "../files/disk-source.js";
import { formatFor, type OpenImageSourceOptions } from "../files/image-source.js";
import { BlockCache } from "./block-cache.js";
import type { CompressedUrlSource } from "./compressed-url.js";
import { WebFile } from "./web-file.js";
import type { WebPatience } from "./web-requests.js";

/** A file on a web server, and the raw disk that it describes. */
export interface UrlSource extends Source, AsyncDisposable {
  /** The file itself, read by its offsets. */
  readonly file: DiskFile;
  /** What the file says of the disk; null where the file's own bytes are the disk. */
  readonly description: DiskDescription | null;
  /** The disk itself; null where the file's own bytes are it. */
  readonly disk: Disk | null;
  /** Why the server gives no bytes at the moment; null if it does. */
  readonly outage: Outage | null;
  /** Ends what is being read, and closes the connections. Idempotent. */
  close(): Promise<void>;
}

/** How a URL is opened. */
export interface OpenUrlOptions extends OpenImageSourceOptions, WebPatience {
  /** How much memory may hold bytes that are read ahead or kept. @default 32 MiB */
  readonly cacheBytes?: number | undefined;
}

/**
 * Opens a file on a web server as the raw disk that it describes; a compressed file is not unpacked. Proxies are used as
 * for other requests.
 *
 * @throws {SourceUnusableError} The URL is not one of a web server, the server does not support ranges, or it
 *   redirects to where it may not: from https to http, or from a public to a private address.
 * @throws {SourceRefusedError | SourceUnreachableError | NoProgressError} The server does not give the file.
 * @throws An error of `@img/disk-formats`, with a code that begins with `FORMAT_`.
 */
export async function openUrlSource(url: URL, options: OpenUrlOptions = {}): Promise<UrlSource> {
  const { format = "auto", signal = new AbortController().signal } = options;
  checkDiskFormat(format);
  const web = await openWithRanges(url, options, signal);
  return orClosed(web, () => sourceIn(web, fileIn(web, options), format, signal));
}

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
  const { format = "auto", signal = new AbortController().signal } = options;
  checkFormat(format, compressions);
  return imageIn(await openWithRanges(url, options, signal), options);
}

/** @throws {SourceUnusableError} The server does not support ranges. */
async function openWithRanges(
  url: URL,
  options: OpenUrlOptions,
  signal: AbortSignal,
): Promise<WebFile> {
  const web = new WebFile(url, options);
  const { hasRanges } = await web.open(signal);
  if (hasRanges) return web;
  await web.close();
  throw new SourceUnusableError(
    `${web.label} cannot be read in pieces: the server does not support ranges.`,
    { advice: "Download the file and use that." },
  );
}

/** Takes over a file that is open, on a server with ranges: it is closed with the source, or if this fails. */
export async function imageIn(
  web: WebFile,
  options: OpenUrlOptions,
): Promise<UrlSource | CompressedUrlSource> {
  const { format = "auto", signal = new AbortController().signal } = options;
  const file = fileIn(web, options);
  return orClosed(web, async () => {
    const found = await formatFor(format, () => compressionIn(file, signal));
    if (!isCompression(found)) return sourceIn(web, file, found, signal);
    const { compressedUrl } = await import("./compressed-url.js");
    return compressedUrl(web, found, () => rangeReading(web.label, file));
  });
}

async function sourceIn(
  web: WebFile,
  file: DiskFile,
  format: DiskFormat | "auto",
  signal: AbortSignal,
): Promise<UrlSource> {
  const disk = await diskIn(file, format, signal);
  return {
    label: web.label,
    sizeBytes: (disk ?? file).sizeBytes,
    format: disk?.format ?? "raw",
    identity: identityOf(web),
    file,
    disk,
    description: (await disk?.describe(signal)) ?? null,
    get outage() {
      return web.outage;
    },
    read: (offset, into, reading) => (disk ?? file).read(offset, into, reading),
    check: () => web.check(),
    close: () => web.close(),
    [Symbol.asyncDispose]: () => web.close(),
  };
}

/** The bytes of a file that is open, read by ranges. */
function fileIn(web: WebFile, { cacheBytes = 32 * MiB }: OpenUrlOptions): DiskFile {
  const sizeBytes = web.head.sizeBytes!;
  const blocks = new BlockCache(
    { sizeBytes, fetch: (offset, memories, onFull) => web.fetch(offset, memories, onFull) },
    cacheBytes,
  );
  return { sizeBytes, read: (offset, into, signal) => blocks.read(offset, into, signal) };
}

/** Reads a file from its first byte to its last by its offsets. */
export function rangeReading(label: string, file: DiskFile): Reading {
  let position = 0;
  return {
    label,
    async read(into, signal) {
      const piece = into.subarray(0, file.sizeBytes - position);
      await file.read(position, piece, signal);
      position += piece.length;
      return piece.length;
    },
    close: async () => undefined,
  };
}

/** The identity of a file: its URL without secrets, and what the server tells of it. */
export function identityOf({ label, head, hasSecret }: WebFile): Identity {
  const { sizeBytes, etag, lastModified } = head;
  return {
    url: label,
    ...(sizeBytes !== null && { size: String(sizeBytes) }),
    ...(etag !== null && { etag }),
    ...(lastModified !== null && { lastModified }),
    // A change could not be seen: a resume reads everything that was sent again, and compares it.
    ...(etag === null && lastModified === null && { opening: randomUUID() }),
    ...(hasSecret && { [leftOut]: "yes" }),
  };
}
