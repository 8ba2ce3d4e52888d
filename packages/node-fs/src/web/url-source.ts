import { randomUUID } from "node:crypto";
import type { Disk, DiskDescription, DiskFile } from "@img/disk-formats";
import { detectFormat } from "@img/disk-formats/detect";
import {
  leftOut,
  SourceUnusableError,
  type Identity,
  type Outage,
  type Source,
} from "@img/transfer";
import { checkFormat } from "../files/disk-source.js";
import { diskFormatOnly, type OpenImageSourceOptions } from "../files/image-source.js";
import { nodeUnpackers } from "../disks/unpackers.js";
import { BlockCache } from "./block-cache.js";
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
  /** Why the server gives no bytes just now; null if it does. */
  readonly outage: Outage | null;
  /** Ends what is being read, and closes the connections. Idempotent. */
  close(): Promise<void>;
}

/** How a URL is opened. */
export interface OpenUrlOptions extends OpenImageSourceOptions, WebPatience {
  /** What bytes that are read ahead or kept may take. @default 32 MiB */
  readonly cacheBytes?: number | undefined;
}

const MiB = 1024 * 1024;

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
  const { signal = new AbortController().signal } = options;
  checkFormat(options.format);
  const web = await openWithRanges(url, options, signal);
  return sourceIn(web, fileIn(web, options), options);
}

/** @throws {SourceUnusableError} The server does not support ranges. */
export async function openWithRanges(
  url: URL,
  options: OpenUrlOptions,
  signal: AbortSignal,
): Promise<WebFile> {
  const web = new WebFile(url, options);
  const { hasRanges } = await web.open(signal);
  if (!hasRanges) {
    await web.close();
    throw new SourceUnusableError(
      `${web.label} cannot be read in pieces: the server does not support ranges.`,
      { advice: "Download the file and use that." },
    );
  }
  return web;
}

/**
 * Takes over a file that is open: it is closed with the source, or if this fails.
 *
 * @param file Its bytes.
 */
export async function sourceIn(
  web: WebFile,
  file: DiskFile,
  options: OpenUrlOptions,
): Promise<UrlSource> {
  const { signal = new AbortController().signal } = options;
  try {
    const format = diskFormatOnly(options.format) ?? "auto";
    const found = format === "auto" ? await detectFormat(file, signal) : format;
    if (found === "raw") return new OpenUrlSource(web, file, null, null);
    const { openDisk, portableUnpackers } = await import("@img/disk-formats");
    const unpackers = nodeUnpackers(portableUnpackers);
    const disk = await openDisk(file, { format: found, unpackers, signal });
    return new OpenUrlSource(web, file, disk, await disk.describe(signal));
  } catch (error) {
    await web.close();
    throw error;
  }
}

/** The bytes of a file that is open, read by ranges. */
export function fileIn(web: WebFile, { cacheBytes = 32 * MiB }: OpenUrlOptions): DiskFile {
  const sizeBytes = web.head.sizeBytes!;
  const blocks = new BlockCache(
    { sizeBytes, fetch: (offset, memories, onFull) => web.fetch(offset, memories, onFull) },
    cacheBytes,
  );
  return { sizeBytes, read: (offset, into, signal) => blocks.read(offset, into, signal) };
}

/** The URL without what may be secret, and what the server tells of the file. */
export function identityOf({ label, head, hasSecret }: WebFile): Identity {
  const { sizeBytes, etag, lastModified } = head;
  return {
    url: label,
    ...(sizeBytes !== null && { size: String(sizeBytes) }),
    ...(etag !== null && { etag }),
    ...(lastModified !== null && { lastModified }),
    // A change would leave no trace: a resume reads all that was sent again, and compares it.
    ...(etag === null && lastModified === null && { opening: randomUUID() }),
    ...(hasSecret && { [leftOut]: "yes" }),
  };
}

class OpenUrlSource implements UrlSource {
  readonly label: string;
  readonly sizeBytes: number;
  readonly format: string;
  readonly identity: Identity;
  readonly file: DiskFile;
  readonly description: DiskDescription | null;
  readonly disk: Disk | null;
  readonly #web: WebFile;

  constructor(
    web: WebFile,
    file: DiskFile,
    disk: Disk | null,
    description: DiskDescription | null,
  ) {
    this.label = web.label;
    this.sizeBytes = (disk ?? file).sizeBytes;
    this.format = disk?.format ?? "raw";
    this.identity = identityOf(web);
    this.file = file;
    this.disk = disk;
    this.description = description;
    this.#web = web;
  }

  get outage(): Outage | null {
    return this.#web.outage;
  }

  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    return (this.disk ?? this.file).read(offset, into, signal);
  }

  check(): Promise<void> {
    return this.#web.check();
  }

  close(): Promise<void> {
    return this.#web.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
