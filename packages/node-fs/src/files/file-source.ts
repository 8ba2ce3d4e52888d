import { constants, type BigIntStats } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import {
  DiskError,
  SourceChangedError,
  SourceUnusableError,
  type Identity,
  type Source,
} from "@img/transfer";
import { hasCode, mostBytesAtOnce } from "@img/files";

/** A file as the source of an upload. */
export interface FileSource extends Source {
  /** Absolute. */
  readonly path: string;
  /** As `read`, but whether the file is still the same is left to the caller, who reads several pieces at once. */
  readBytes(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens a file to be uploaded.
 *
 * @throws {SourceUnusableError} It is missing, unreadable, or not a regular file.
 */
export async function openFileSource(given: string): Promise<FileSource> {
  const path = resolve(given);
  const found = await unusable(given, () => stat(path, { bigint: true }));
  checkRegular(given, found);
  // Between the look and the opening it may have become a FIFO, which must not block.
  const file = await unusable(given, () => open(path, constants.O_RDONLY | nonBlocking));
  try {
    const stats = await file.stat({ bigint: true });
    checkRegular(given, stats);
    return new OpenFileSource(path, file, stats);
  } catch (error) {
    await file.close();
    throw error;
  }
}

// Windows has none, and no FIFO under a file's name either.
const nonBlocking = (constants as { O_NONBLOCK?: number }).O_NONBLOCK ?? 0;

class OpenFileSource implements FileSource {
  readonly path: string;
  readonly label: string;
  readonly sizeBytes: number;
  readonly identity: Identity;
  readonly #file: FileHandle;
  #closing: Promise<void> | null = null;

  constructor(path: string, file: FileHandle, stats: BigIntStats) {
    this.path = this.label = path;
    this.#file = file;
    this.sizeBytes = Number(stats.size);
    this.identity = identityOf(stats);
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.readBytes(offset, into, signal);
    await this.check();
    signal.throwIfAborted();
  }

  async readBytes(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    for (let done = 0; done < into.length;) {
      signal.throwIfAborted();
      const bytesRead = await this.#readSome(into, done, offset + done);
      if (bytesRead === 0) throw new SourceChangedError(`${this.path} is shorter than it was`);
      done += bytesRead;
    }
  }

  async check(): Promise<void> {
    // By name too: a file that was replaced is another one, although the open one is as it was.
    const [open, named] = await Promise.all([
      this.#file.stat({ bigint: true }),
      stat(this.path, { bigint: true }).catch(() => null),
    ]);
    if (named === null) throw new SourceChangedError(`${this.path} is no longer there`);
    for (const stats of [open, named]) {
      const changed = differenceOf(this.identity, identityOf(stats));
      if (changed !== null) {
        throw new SourceChangedError(
          `the ${inWords[changed] ?? changed} of ${this.path} is not what it was when this run began`,
        );
      }
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#file.close();
    return this.#closing;
  }

  async #readSome(into: Uint8Array, at: number, position: number): Promise<number> {
    try {
      const lengthBytes = Math.min(into.length - at, mostBytesAtOnce);
      return (await this.#file.read(into, at, lengthBytes, position)).bytesRead;
    } catch (cause) {
      throw new DiskError(`Could not read ${this.path}: ${messageOf(cause)}`, { cause });
    }
  }
}

function identityOf(stats: BigIntStats): Identity {
  const { size, mtimeNs, ctimeNs, ino, dev } = stats;
  return {
    size: String(size),
    mtimeNs: String(mtimeNs),
    ctimeNs: String(ctimeNs),
    inode: String(ino),
    device: String(dev),
  };
}

const inWords: Readonly<Record<string, string>> = {
  mtimeNs: "modification time",
  ctimeNs: "change time (ctime)",
};

const differenceOf = (before: Identity, now: Identity): string | null =>
  Object.keys(before).find((key) => before[key] !== now[key]) ?? null;

function checkRegular(path: string, stats: BigIntStats): void {
  if (stats.isFile()) return;
  const what = stats.isDirectory() ? "a folder" : "not a regular file";
  throw new SourceUnusableError(`${path} is ${what}. An image is one regular file.`);
}

async function unusable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (hasCode(cause, "ENOENT", "ENOTDIR")) {
      throw new SourceUnusableError(`There is no file ${path}. Check the path.`, { cause });
    }
    throw new SourceUnusableError(`Could not open ${path}: ${messageOf(cause)}`, { cause });
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
