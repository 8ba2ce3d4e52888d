import { basename, dirname, resolve } from "node:path";
import {
  DiskError,
  NotEnoughSpaceError,
  TargetExistsError,
  TargetUnusableError,
  type Sink,
  type SinkSize,
} from "@img/transfer";
import {
  hasCode,
  readFully,
  writeFully,
  type FileStat,
  type FileSystem,
  type OpenFile,
} from "./file-system.js";
import { dataRuns, gapsBetween, type Run } from "./data-runs.js";

/** What a download's sink can be told. */
export interface FileSinkOptions {
  /** Whether a regular file at the target may be replaced. */
  readonly overwrite: boolean;
  /** Whether runs of zeros become holes. */
  readonly sparse: boolean;
}

/** The part file of a download, which becomes the target once it is whole and verified. */
export interface FileSink extends Sink {
  /** Absolute; stands beside the target until it becomes it. */
  readonly partPath: string;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Where a download's part file stands. */
export const partPathOf = (target: string): string => `${resolve(target)}.img-part`;

/**
 * Looks whether a download can go there, and makes nothing.
 *
 * @throws {TargetExistsError} As `openFileSink` does.
 * @throws {TargetUnusableError} Its folder is missing.
 */
export async function checkFileTarget(
  target: string,
  { overwrite }: Pick<FileSinkOptions, "overwrite">,
  fs: FileSystem,
): Promise<void> {
  const path = resolve(target);
  try {
    await fs.stat(dirname(path));
  } catch (error) {
    throw targetUnusable(error, path);
  }
  if (!(await isHalfCommitted(fs, path, partPathOf(path)))) await checkTarget(fs, path, overwrite);
}

/** Whether a regular file stands there that is not half of a commit which a crash has ended. */
export async function isWholeFile(target: string, fs: FileSystem): Promise<boolean> {
  const path = resolve(target);
  const found = await lookAt(fs, path);
  return found?.type === "file" && !(await isHalfCommitted(fs, path, partPathOf(path)));
}

/**
 * Opens, or makes, the part file of a download.
 *
 * @throws {TargetExistsError} Something stands at the target that may not be replaced: a file without
 *   `overwrite`, a folder, a symbolic link.
 * @throws {TargetUnusableError} Its folder is missing, or may not be written to.
 */
export async function openFileSink(
  target: string,
  options: FileSinkOptions,
  fs: FileSystem,
): Promise<FileSink> {
  const path = resolve(target);
  const partPath = partPathOf(path);
  await checkFileTarget(path, options, fs);
  const file = await openPart(fs, partPath);
  try {
    const { ino, dev } = await file.stat();
    return new OpenFileSink(path, partPath, options, fs, file, `${dev}:${ino}`);
  } catch (error) {
    await file.close().catch(() => undefined); // the first error says more
    throw targetUnusable(error, partPath);
  }
}

class OpenFileSink implements FileSink {
  readonly label: string;
  readonly partPath: string;
  readonly identity: string;
  readonly #options: FileSinkOptions;
  readonly #fs: FileSystem;
  readonly #file: OpenFile;
  #sizeBytes = 0;
  /** From here on this part file was never written: what is no data there reads as zeros. */
  #untouchedFrom = Infinity;
  /** The file is at least this long. */
  #reachedBytes = 0;
  #closing: Promise<void> | null = null;

  constructor(
    path: string,
    partPath: string,
    options: FileSinkOptions,
    fs: FileSystem,
    file: OpenFile,
    identity: string,
  ) {
    this.label = path;
    this.partPath = partPath;
    this.identity = identity;
    this.#options = options;
    this.#fs = fs;
    this.#file = file;
  }

  async prepare(size: SinkSize, keep: boolean): Promise<void> {
    await this.#undoHalfCommit();
    if (!keep) await this.#disk(() => this.#file.truncate(0));
    const freeBytes = await this.#disk(() => this.#fs.freeBytes(dirname(this.label)));
    if (freeBytes < size.missingBytes) throw new NotEnoughSpaceError(size.missingBytes, freeBytes);
    // The file grows as parts are written, so its end is the end of what was ever written.
    this.#untouchedFrom = Number((await this.#disk(() => this.#file.stat())).size);
    this.#reachedBytes = this.#untouchedFrom;
    this.#sizeBytes = size.sizeBytes;
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const all = [{ start: 0, end: bytes.length }];
    const data = this.#options.sparse ? dataRuns(bytes) : all;
    for (const { start, end } of data) {
      signal.throwIfAborted();
      await this.#put(bytes.subarray(start, end), offset + start);
    }
    if (offset < this.#untouchedFrom) await this.#clearGaps(offset, bytes, data, signal);
    // What was written can be read back, also where it ends in a hole.
    const lastByte = bytes.length - 1;
    if (offset + lastByte >= this.#reachedBytes) {
      await this.#put(bytes.subarray(lastByte), offset + lastByte);
    }
  }

  async sync(): Promise<void> {
    await this.#disk(() => this.#file.datasync());
  }

  async commit(): Promise<void> {
    // The image may end in a hole.
    await this.#disk(() => this.#file.truncate(this.#sizeBytes));
    await this.#disk(() => this.#file.sync());
    await this.#checkStillOurs();
    if (this.#options.overwrite) await this.#replaceTarget();
    else await this.#becomeTarget();
    await this.#disk(() => this.#fs.syncDir(dirname(this.label)));
  }

  async discard(): Promise<void> {
    await this.#disk(async () => {
      await this.#fs.unlink(this.partPath).catch(ignoreMissing);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#file.close();
    return this.#closing;
  }

  async #put(bytes: Uint8Array, position: number): Promise<void> {
    await this.#disk(() => writeFully(this.#file, bytes, position));
    this.#reachedBytes = Math.max(this.#reachedBytes, position + bytes.length);
  }

  /**
   * Where an earlier try may have left other bytes, zeros are written; but what reads as zeros already,
   * most of all its holes, stays as it is.
   */
  async #clearGaps(
    offset: number,
    bytes: Uint8Array,
    data: readonly Run[],
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
    const count = await this.#disk(() => readFully(this.#file, there, position));
    return dataRuns(there.subarray(0, count)).length === 0;
  }

  /** Only now, under the journal's lock: another process may be between the two steps just now. */
  async #undoHalfCommit(): Promise<void> {
    if (!(await isHalfCommitted(this.#fs, this.label, this.partPath))) return;
    await this.#disk(() => this.#fs.unlink(this.label));
  }

  /** Under the part file's name there may be another one by now; only what was verified gets the target's. */
  async #checkStillOurs(): Promise<void> {
    const named = await this.#fs.lstat(this.partPath).catch(() => null);
    if (named === null || `${named.dev}:${named.ino}` !== this.identity) {
      throw new DiskError(`${this.partPath} was moved or replaced. Run the download again.`);
    }
  }

  async #replaceTarget(): Promise<void> {
    await checkTarget(this.#fs, this.label, true);
    await this.#disk(() => this.#fs.rename(this.partPath, this.label));
  }

  /** A second name is given only where none is; a rename would replace what came there meanwhile. */
  async #becomeTarget(): Promise<void> {
    try {
      await this.#fs.link(this.partPath, this.label);
    } catch (error) {
      if (hasCode(error, "EEXIST")) throw new TargetExistsError(this.label, "already there");
      if (!hasCode(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"))
        throw diskError(error, this.label);
      // A file system without second names: a look, and a rename right after it.
      await checkTarget(this.#fs, this.label, false);
      return this.#disk(() => this.#fs.rename(this.partPath, this.label));
    }
    await this.#disk(() => this.#fs.unlink(this.partPath));
  }

  async #disk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw diskError(error, this.label);
    }
  }
}

/** How much is read at once to see whether it is zeros. */
const lookBytes = 1024 * 1024;

function diskError(cause: unknown, path: string): DiskError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DiskError(`Could not write ${path}: ${why}`, { cause });
}

/**
 * A crash between the two steps of giving the target its name leaves both: then it is not committed
 * yet, and goes on from its receipts.
 */
async function isHalfCommitted(fs: FileSystem, path: string, partPath: string): Promise<boolean> {
  const [target, part] = await Promise.all([lookAt(fs, path), lookAt(fs, partPath)]);
  return target !== null && part !== null && target.ino === part.ino && target.dev === part.dev;
}

async function checkTarget(fs: FileSystem, path: string, overwrite: boolean): Promise<void> {
  const found = await lookAt(fs, path);
  if (found === null || (found.type === "file" && overwrite)) return;
  throw new TargetExistsError(path, whatItIs[found.type]);
}

const whatItIs: Readonly<Record<FileStat["type"], string>> = {
  file: "already there",
  directory: "a folder",
  symlink: "a symbolic link, which is not followed",
  other: "not a regular file",
};

async function lookAt(fs: FileSystem, path: string): Promise<FileStat | null> {
  try {
    return await fs.lstat(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw targetUnusable(error, path);
  }
}

async function openPart(fs: FileSystem, partPath: string): Promise<OpenFile> {
  try {
    return await fs.open(partPath, "update").catch((error: unknown) => {
      if (!hasCode(error, "ENOENT")) throw error;
      return fs.open(partPath, "create");
    });
  } catch (error) {
    throw targetUnusable(error, partPath);
  }
}

function targetUnusable(cause: unknown, path: string): TargetUnusableError {
  if (hasCode(cause, "ENOENT", "ENOTDIR")) {
    return new TargetUnusableError(`There is no folder ${dirname(path)}. Make it first.`, {
      cause,
    });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TargetUnusableError(`Could not write ${basename(path)} in ${dirname(path)}: ${why}`, {
    cause,
  });
}

const ignoreMissing = (error: unknown): void => {
  if (!hasCode(error, "ENOENT")) throw error;
};
