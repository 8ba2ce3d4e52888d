import type { Disk, DiskDescription, DiskFile, DiskFormat } from "@img/disk-formats";
import { detectFormat } from "@img/disk-formats/detect";
import { InvalidOptionError, SourceChangedError, type Identity, type Source } from "@img/transfer";
import { openFileSource, type FileSource } from "./file-source.js";
import { DiskThreads } from "../disks/disk-threads.js";
import { nodeUnpackers } from "../disks/unpackers.js";

/** The file of an upload, read as the raw disk that it describes. */
export interface DiskSource extends Source, AsyncDisposable {
  /** Absolute. */
  readonly path: string;
  /** What the file says of the disk; null if the file's own bytes are the disk. */
  readonly description: DiskDescription | null;
  /** The disk itself; null if the file's own bytes are the disk. */
  readonly disk: Disk | null;
  /** As `FileSource.look`. */
  look(): Promise<void>;
  reopen(signal: AbortSignal): Promise<void>;
  /** Idempotent. `await using` calls it. */
  close(): Promise<void>;
}

/** How a file is opened. */
export interface OpenDiskSourceOptions {
  /** What the file is. `"raw"` takes its bytes as they are. @default "auto": detected from its content */
  readonly format?: DiskFormat | "auto" | undefined;
  /** Ends the opening early. @default None. */
  readonly signal?: AbortSignal | undefined;
}

const formats: readonly string[] = ["auto", "raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi"];

/** @throws {InvalidOptionError} It is no format of disks. */
export function checkDiskFormat(format: string): asserts format is DiskFormat | "auto" {
  checkFormat(format);
}

/**
 * @param others Formats that are allowed, too.
 * @throws {InvalidOptionError} It is no format.
 */
export function checkFormat(format: string, others: readonly string[] = []): void {
  const allowed = [...formats, ...others];
  if (allowed.includes(format)) return;
  throw new InvalidOptionError("format", format, `one of ${allowed.join(", ")}`);
}

/**
 * Opens a file as the raw disk that it describes. All of its tables are checked first, so that a damaged image is
 * found before anything is sent.
 *
 * @throws {SourceUnusableError} It is missing, unreadable, or not a regular file.
 * @throws An error of `@img/disk-formats`, with a code that begins with `FORMAT_`: the image is damaged, or
 *   needs what is not read.
 */
export async function openDiskSource(
  path: string,
  options: OpenDiskSourceOptions = {},
): Promise<DiskSource> {
  const { format = "auto", signal = new AbortController().signal } = options;
  checkDiskFormat(format);
  const file = await openFileSource(path);
  return orClosed(file, () => diskSourceIn(file, format, signal));
}

/** Makes the source of an open file, which it closes. If this fails, the file stays open. */
export async function diskSourceIn(
  file: FileSource,
  format: DiskFormat | "auto",
  signal: AbortSignal,
): Promise<DiskSource> {
  const disk = await diskIn(bytesOf(file), format, signal);
  return new OpenDiskSource(file, disk, (await disk?.describe(signal)) ?? null);
}

/** Closes a file if the source that would close it cannot be made. */
export async function orClosed<T>(
  file: { close(): Promise<void> },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await file.close();
    throw error;
  }
}

const bytesOf = (file: FileSource): DiskFile => ({
  sizeBytes: file.sizeBytes,
  read: (offset, into, signal) => file.readBytes(offset, into, signal),
});

/**
 * Opens the disk that a file describes; null if the file's own bytes are the disk. Loads the readers of formats when they
 * are first needed, since most files are raw.
 */
export async function diskIn(
  file: DiskFile,
  format: DiskFormat | "auto",
  signal: AbortSignal,
): Promise<Disk | null> {
  const found = format === "auto" ? await detectFormat(file, signal) : format;
  if (found === "raw") return null;
  const { openDisk, portableUnpackers } = await import("@img/disk-formats");
  return openDisk(file, { format: found, unpackers: nodeUnpackers(portableUnpackers), signal });
}

/** Reading a smaller disk takes less time than starting a thread. */
const leastBytesForThreads = 16 * 1024 * 1024;

class OpenDiskSource implements DiskSource {
  readonly path: string;
  readonly label: string;
  readonly sizeBytes: number;
  readonly format: string;
  readonly description: DiskDescription | null;
  readonly mayReadTwice = true;
  readonly #file: FileSource;
  #disk: Disk | null;
  #threads: DiskThreads | null = null;

  constructor(file: FileSource, disk: Disk | null, description: DiskDescription | null) {
    this.path = file.path;
    this.label = file.label;
    this.sizeBytes = (disk ?? file).sizeBytes;
    this.format = disk?.format ?? "raw";
    this.#disk = disk;
    this.description = description;
    this.#file = file;
  }

  get identity(): Identity {
    return this.#file.identity;
  }

  get disk(): Disk | null {
    return this.#disk;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.disk === null) return this.#file.read(offset, into, signal);
    await this.#readDisk(this.disk, offset, into, signal);
    await this.#file.look();
    signal.throwIfAborted();
  }

  #readDisk(disk: Disk, offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const isWorthThreads = disk.isCompressed && disk.sizeBytes >= leastBytesForThreads;
    if (!isWorthThreads || !(into.buffer instanceof SharedArrayBuffer)) {
      return disk.read(offset, into, signal);
    }
    this.#threads ??= new DiskThreads(disk, { fd: this.#file.fd, sizeBytes: this.#file.sizeBytes });
    return this.#threads.read(offset, into, signal);
  }

  /** Opens the file and its tables again: a disk image of the same length may hold another disk. */
  async reopen(signal: AbortSignal): Promise<void> {
    await this.#endThreads();
    await this.#file.reopen();
    if (this.#disk === null) return;
    const format = this.#disk.format;
    const disk = await diskIn(bytesOf(this.#file), format, signal).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new SourceChangedError(`${this.path} is no longer a ${format} image`, { cause });
    });
    if (disk?.sizeBytes !== this.sizeBytes) {
      throw new SourceChangedError(`the disk in ${this.path} has another size than before`);
    }
    this.#disk = disk;
  }

  look(): Promise<void> {
    return this.#file.look();
  }

  check(): Promise<void> {
    return this.#file.check();
  }

  async close(): Promise<void> {
    await this.#endThreads();
    await this.#file.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #endThreads(): Promise<void> {
    const threads = this.#threads;
    this.#threads = null;
    await threads?.close();
  }
}
