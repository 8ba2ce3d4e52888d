import { randomUUID } from "node:crypto";
import { constants, type BigIntStats } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import {
  DiskError,
  kept,
  SourceChangedError,
  SourceUnusableError,
  type Identity,
  type Source,
} from "@img/transfer";
import { hasCode, mostBytesAtOnce } from "@img/files";
import { deviceBytes } from "./block-device.js";
import { messageOf } from "./message-of.js";

/** A file as the source of an upload. */
export interface FileSource extends Source, AsyncDisposable {
  /** Absolute. */
  readonly path: string;
  /** The descriptor of the open file, which is valid in every thread. */
  readonly fd: number;
  /** Does what `read` does, but does not check whether the file is still the same: the caller does so once for several pieces. */
  readBytes(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Notes whether the metadata has changed, for `check`. Rejects with what `read` does. */
  look(): Promise<void>;
  reopen(): Promise<void>;
  /** Idempotent. `await using` calls it. */
  close(): Promise<void>;
}

/**
 * Opens a file or a block device to be uploaded.
 *
 * @throws {SourceUnusableError} It is missing, unreadable, or something else.
 */
export async function openFileSource(given: string): Promise<FileSource> {
  const path = resolve(given);
  return new OpenFileSource(path, await openAt(path, given));
}

interface Opened {
  readonly file: FileHandle;
  readonly identity: Identity & { readonly size: string };
}

async function openAt(path: string, given: string): Promise<Opened> {
  const found = await unusable(given, () => stat(path, { bigint: true }));
  checkType(given, found);
  // It may have become a FIFO since `stat`, whose opening would block.
  const file = await unusable(given, () => open(path, constants.O_RDONLY | nonBlocking));
  try {
    const stats = await file.stat({ bigint: true });
    checkType(given, stats);
    return { file, identity: await identityWith(file, stats) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

// Windows has no such flag, and no FIFO with the name of a file.
const nonBlocking = (constants as { O_NONBLOCK?: number }).O_NONBLOCK ?? 0;

class OpenFileSource implements FileSource {
  readonly path: string;
  readonly label: string;
  readonly sizeBytes: number;
  #opened: Opened;
  /** The first change of the metadata that was seen. */
  #change: SourceChangedError | null = null;
  #closing: Promise<void> | null = null;

  constructor(path: string, opened: Opened) {
    this.path = this.label = path;
    this.#opened = opened;
    this.sizeBytes = Number(opened.identity.size);
  }

  get identity(): Identity {
    return this.#opened.identity;
  }

  get fd(): number {
    return this.#opened.file.fd;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.readBytes(offset, into, signal);
    await this.look();
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
    await this.look();
    if (this.#change !== null) throw this.#change;
  }

  async look(): Promise<void> {
    // By its name too: the file may have been replaced, although the open one is unchanged.
    const [open, named] = await Promise.all([
      this.#opened.file.stat({ bigint: true }),
      stat(this.path, { bigint: true }).catch(() => null),
    ]);
    if (named === null) throw new SourceChangedError(`${this.path} is no longer there`);
    for (const stats of [open, named]) {
      const key = differenceOf(this.identity, seenOf(stats));
      if (key === null) continue;
      const change = this.#changed(key);
      if (!stats.isFile() || key === "size") throw change;
      this.#change ??= change;
    }
  }

  async reopen(): Promise<void> {
    const opened = await openAt(this.path, this.path).catch((cause: unknown) => {
      throw new SourceChangedError(`${this.path} cannot be opened again`, { cause });
    });
    const former = this.#opened.file;
    this.#opened = opened;
    this.#change = null;
    await former.close();
    if (Number(opened.identity.size) !== this.sizeBytes) throw this.#changed("size");
  }

  close(): Promise<void> {
    this.#closing ??= kept(this.#opened.file.close());
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #changed(key: string): SourceChangedError {
    const what = inWords[key] ?? key;
    return new SourceChangedError(`the ${what} of ${this.path} has changed since this run began`);
  }

  async #readSome(into: Uint8Array, at: number, position: number): Promise<number> {
    try {
      const lengthBytes = Math.min(into.length - at, mostBytesAtOnce);
      return (await this.#opened.file.read(into, at, lengthBytes, position)).bytesRead;
    } catch (cause) {
      throw new DiskError(`Could not read ${this.path}: ${messageOf(cause)}`, { cause });
    }
  }
}

/**
 * The identity of an open file. The bytes of a device can change without a change of its metadata. So each opening of it has
 * another identity, and a resume reads everything that was sent again, and compares it.
 */
async function identityWith(
  file: FileHandle,
  stats: BigIntStats,
): Promise<Identity & { readonly size: string }> {
  const seen = seenOf(stats);
  if (!stats.isBlockDevice()) return { ...seen, size: String(stats.size) };
  return { ...seen, size: String(await deviceBytes(file, stats)), opening: randomUUID() };
}

/** The part of the identity that `stat` gives. */
function seenOf(stats: BigIntStats): Identity {
  const { size, mtimeNs, ctimeNs, ino, dev, rdev } = stats;
  if (stats.isBlockDevice()) return { device: String(rdev) };
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
  Object.keys(now).find((key) => before[key] !== now[key]) ?? null;

function checkType(path: string, stats: BigIntStats): void {
  if (stats.isFile() || stats.isBlockDevice()) return;
  if (stats.isFIFO()) {
    throw new SourceUnusableError(
      `${path} is a pipe, not a regular file: it can be read only once.`,
      { advice: "Upload it as a stream, or write it to a file first." },
    );
  }
  const what = stats.isDirectory() ? "a folder" : "not a regular file";
  throw new SourceUnusableError(`${path} is ${what}. An image is one file or block device.`);
}

async function unusable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (hasCode(cause, "ENOENT", "ENOTDIR")) {
      throw new SourceUnusableError(`There is no file ${path}.`, {
        advice: "Check the path.",
        cause,
      });
    }
    throw new SourceUnusableError(`Could not open ${path}: ${messageOf(cause)}`, { cause });
  }
}
