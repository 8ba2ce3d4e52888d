import { dirname } from "node:path";
import {
  hasCode,
  NotAFileError,
  openRegular,
  readFully,
  removeIfThere,
  unlessMissing,
  writeFully,
  type FileStat,
  type FileSystem,
  type OpenFile,
  type RegularFile,
} from "@img/files";
import { DiskError, kept, TargetUnusableError } from "@img/transfer";
import { dataRuns, gapsBetween, type DataRun } from "./data-runs.js";
import { lockPathOf, targetUnusable } from "./file-target.js";
import { messageOf } from "./message-of.js";
import { checkRoom, type RoomRule } from "./room.js";

/** How much is read at once to see whether it is zeros. */
const lookBytes = 1024 * 1024;

/** Where a part file is, and how it is written. */
export interface PartFileOptions {
  readonly path: string;
  readonly fs: FileSystem;
  /** Whether runs of zeros become holes. */
  readonly sparse: boolean;
  readonly onDisk: OnDisk;
  readonly room: RoomRule;
}

/**
 * Opens the part file of an earlier run, if only this user can write to it. In a folder that others may write
 * to, another user could have put a file there, and change it after it was verified.
 *
 * @returns Null if there is none, or none that may be used.
 * @throws {TargetUnusableError} Something else stands there.
 */
export async function openPartFile(options: PartFileOptions): Promise<PartFile | null> {
  const { path, fs } = options;
  const found = await openRegular(fs, path, "update").catch((error: unknown) => {
    if (hasCode(error, "EACCES", "EPERM")) return null; // another user's
    return unlessMissing(unusable(error, path));
  });
  if (found === null) return null;
  if (await isOurs(fs, path, found.stat)) return new PartFile(found, options);
  await found.file.close();
  return null;
}

/** Makes an empty part file, and replaces what is there. @throws {TargetUnusableError} It cannot be made. */
export async function makePartFile(options: PartFileOptions): Promise<PartFile> {
  const { path, fs } = options;
  let file: OpenFile | null = null;
  try {
    await removeIfThere(fs, path);
    file = await fs.open(path, "create");
    return new PartFile({ file, stat: await file.stat() }, options);
  } catch (error) {
    await file?.close().catch(() => undefined); // the first error says more
    throw targetUnusable(error, path);
  }
}

/** Whether a file has the owner and mode of the lock beside it, which this process has just made in the same way. */
async function isOurs(
  fs: FileSystem,
  path: string,
  { uid, mode, nlink }: FileStat,
): Promise<boolean> {
  const lock = await fs.lstat(lockPathOf(path)).catch((error: unknown) => {
    throw targetUnusable(error, path);
  });
  return lock.type === "file" && uid === lock.uid && mode === lock.mode && nlink === 1n;
}

/** Wraps an error in TargetUnusableError, except ENOENT. */
function unusable(error: unknown, path: string): unknown {
  if (error instanceof NotAFileError)
    return new TargetUnusableError(error.message, { cause: error });
  return hasCode(error, "ENOENT") ? error : targetUnusable(error, path);
}

/** An open part file, which may have been written by an earlier try; runs of zeros become holes in it. */
export class PartFile {
  /** Device and inode, since the same name may mean another file by now. */
  readonly identity: string;
  readonly #file: OpenFile;
  readonly #options: PartFileOptions;
  #sizeBytes = 0;
  /** Nothing was ever written behind this offset: holes there read as zeros. */
  #untouchedFrom = Infinity;
  /** The file is at least this long. */
  #reachedBytes = 0;
  #closing: Promise<void> | null = null;

  constructor({ file, stat: { dev, ino } }: RegularFile, options: PartFileOptions) {
    this.identity = `${dev}:${ino}`;
    this.#file = file;
    this.#options = options;
  }

  /**
   * Prepares the file for an image of `sizeBytes`, of which `missingBytes` are missing.
   *
   * @throws {TargetUnusableError} No file there can be that long.
   * @throws {NotEnoughSpaceError} The disk has not that much room, and the room is required.
   */
  async prepare(sizeBytes: number, missingBytes: number): Promise<void> {
    const { path, fs, room } = this.#options;
    const freeBytes = await this.#options.onDisk(() => fs.freeBytes(dirname(path)));
    await checkRoom(path, { sizeBytes, missingBytes, freeBytes }, room);
    // The file grows as parts are written, so its end is the end of what was ever written.
    this.#untouchedFrom = Number((await this.#options.onDisk(() => this.#file.stat())).size);
    this.#reachedBytes = this.#untouchedFrom;
    this.#sizeBytes = sizeBytes;
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const all = [{ start: 0, end: bytes.length }];
    const data = this.#options.sparse ? dataRuns(bytes) : all;
    for (const { start, end } of data) {
      signal.throwIfAborted();
      await this.#put(bytes.subarray(start, end), offset + start);
    }
    if (offset < this.#untouchedFrom) await this.#clearGaps(offset, bytes, data, signal);
    // The file must be long enough to be read back, also if this part ends in a hole.
    const lastByte = bytes.length - 1;
    if (offset + lastByte >= this.#reachedBytes) {
      await this.#put(bytes.subarray(lastByte), offset + lastByte);
    }
  }

  async datasync(): Promise<void> {
    await this.#options.onDisk(() => this.#file.datasync());
  }

  /** Sets the final length, and makes everything durable. */
  async finish(): Promise<void> {
    // The image may end in a hole.
    await this.#options.onDisk(() => this.#file.truncate(this.#sizeBytes));
    await this.#options.onDisk(() => this.#file.sync());
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.#closing ??= kept(this.#file.close());
    return this.#closing;
  }

  async #put(bytes: Uint8Array, position: number): Promise<void> {
    await this.#options.onDisk(() => writeFully(this.#file, bytes, position));
    this.#reachedBytes = Math.max(this.#reachedBytes, position + bytes.length);
  }

  /**
   * Writes zeros where an earlier try may have left other bytes, but not where the file reads as zeros already, as in its
   * holes.
   */
  async #clearGaps(
    offset: number,
    bytes: Uint8Array,
    data: readonly DataRun[],
    signal: AbortSignal,
  ): Promise<void> {
    for (const gap of gapsBetween(data, bytes.length)) {
      for (let start = gap.start; start < gap.end; start += lookBytes) {
        signal.throwIfAborted();
        const end = Math.min(start + lookBytes, gap.end);
        if (await this.#readsAsZeros(offset + start, end - start)) continue;
        await this.#put(bytes.subarray(start, end), offset + start);
      }
    }
  }

  async #readsAsZeros(position: number, lengthBytes: number): Promise<boolean> {
    const there = new Uint8Array(lengthBytes);
    const count = await this.#options.onDisk(() => readFully(this.#file, there, position));
    return dataRuns(there.subarray(0, count)).length === 0;
  }
}

/** Runs work on the disk, and converts its errors to those of a download. */
export type OnDisk = <T>(work: () => Promise<T>) => Promise<T>;

/** @param target What the error names. */
export const onDiskOf =
  (target: string): OnDisk =>
  async (work) => {
    try {
      return await work();
    } catch (error) {
      throw diskError(error, target);
    }
  };

export const diskError = (cause: unknown, path: string): DiskError =>
  new DiskError(`Could not write ${path}: ${messageOf(cause)}`, { cause });
