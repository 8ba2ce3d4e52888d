import { dirname, resolve } from "node:path";
import { DiskError, TargetExistsError, type Sink, type SinkSize } from "@img/transfer";
import {
  isLinkRefused,
  hasCode,
  removeIfPossible,
  removeIfThere,
  type FileSystem,
} from "@img/files";
import { checkFileTarget, checkTarget, isHalfCommitted, partPathOf } from "./file-target.js";
import { takeFormerPart } from "./former-part.js";
import {
  diskError,
  makePartFile,
  onDiskOf,
  openPartFile,
  type OnDisk,
  type PartFile,
  type PartFileOptions,
} from "./part-file.js";
import type { RoomRule } from "./room.js";

/** Options of a download's sink. */
export interface FileSinkOptions {
  /** Whether a regular file at the target may be replaced. */
  readonly overwrite: boolean;
  /** Whether runs of zeros become holes. */
  readonly sparse: boolean;
  /** Whether it is an error that the disk has too little room. @default `!sparse` */
  readonly requireSpace?: boolean | undefined;
  /** Called if the disk may have too little room and that is no error. */
  readonly onLowSpace?: RoomRule["onLowSpace"];
}

/** The part file of a download, which becomes the target once it is whole and verified. */
export interface FileSink extends Sink {
  /** Absolute. It stands beside the target, and takes its place in `commit`. */
  readonly partPath: string;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * Checks that a download can be written to a target. Creates nothing yet.
 *
 * @throws {TargetExistsError} Something stands at the target that may not be replaced: a file without
 *   `overwrite`, a folder, a symbolic link.
 * @throws {TargetUnusableError} Its folder is missing, or may not be written to.
 */
export async function openFileSink(
  target: string,
  { overwrite, sparse, requireSpace = !sparse, onLowSpace }: FileSinkOptions,
  fs: FileSystem,
): Promise<FileSink> {
  const path = resolve(target);
  await checkFileTarget(path, { overwrite }, fs);
  const room = { requireSpace, onLowSpace };
  const part = { path: partPathOf(path), fs, sparse, onDisk: onDiskOf(path), room };
  return new OpenFileSink(path, part, overwrite);
}

class OpenFileSink implements FileSink {
  readonly label: string;
  readonly partPath: string;
  readonly #options: PartFileOptions;
  readonly #overwrite: boolean;
  readonly #fs: FileSystem;
  readonly #onDisk: OnDisk;
  #part: PartFile | null = null;

  constructor(path: string, options: PartFileOptions, overwrite: boolean) {
    this.label = path;
    this.partPath = options.path;
    this.#options = options;
    this.#overwrite = overwrite;
    this.#fs = options.fs;
    this.#onDisk = options.onDisk;
  }

  get identity(): string {
    return this.#part?.identity ?? "";
  }

  async open(): Promise<boolean> {
    await this.#undoHalfCommit();
    await this.#onDisk(() => takeFormerPart(this.#fs, this.partPath));
    this.#part = await openPartFile(this.#options);
    return this.#part !== null;
  }

  async prepare({ sizeBytes, missingBytes }: SinkSize, keep: boolean): Promise<void> {
    if (!keep) {
      await this.close();
      this.#part = await makePartFile(this.#options);
    }
    try {
      await this.#opened.prepare(sizeBytes, missingBytes);
    } catch (error) {
      if (!keep) await removeIfPossible(this.#fs, this.partPath); // nothing is in it
      throw error;
    }
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#opened.write(offset, bytes, signal);
  }

  async sync(): Promise<void> {
    await this.#opened.datasync();
  }

  async commit(): Promise<void> {
    await this.#opened.finish();
    await this.#checkStillOurs();
    if (this.#overwrite) await this.#replaceTarget();
    else await this.#becomeTarget();
    await this.#onDisk(() => this.#fs.syncDir(dirname(this.label)));
  }

  async discard(): Promise<void> {
    await this.#onDisk(() => removeIfThere(this.#fs, this.partPath));
  }

  async close(): Promise<void> {
    await this.#part?.close();
  }

  get #opened(): PartFile {
    if (this.#part === null) throw new Error("bug: the part file is used before it is made");
    return this.#part;
  }

  /**
   * Undoes a commit that a crash has left half done. Called under the journal's lock: otherwise another process may be in
   * the middle of that commit.
   */
  async #undoHalfCommit(): Promise<void> {
    if (!(await isHalfCommitted(this.#fs, this.label))) return;
    await this.#onDisk(() => this.#fs.unlink(this.label));
  }

  /**
   * Checks that the part file's name still belongs to the file that was verified. Only that file may become the target.
   */
  async #checkStillOurs(): Promise<void> {
    const named = await this.#fs.lstat(this.partPath).catch(() => null);
    if (named === null || `${named.dev}:${named.ino}` !== this.identity) {
      throw new DiskError(`${this.partPath} was moved or replaced.`, {
        advice: "Run the download again.",
      });
    }
  }

  async #replaceTarget(): Promise<void> {
    await checkTarget(this.#fs, this.label, true);
    await this.#onDisk(() => this.#fs.rename(this.partPath, this.label));
  }

  /**
   * Gives the part file the target's name. `link` fails if the name is taken; `rename` would replace a file
   * that was made meanwhile.
   */
  async #becomeTarget(): Promise<void> {
    try {
      await this.#fs.link(this.partPath, this.label);
    } catch (error) {
      if (hasCode(error, "EEXIST")) throw new TargetExistsError(this.label, "already there");
      if (!isLinkRefused(error)) throw diskError(error, this.label);
      // A file system without hard links: check, then rename at once.
      await checkTarget(this.#fs, this.label, false);
      return this.#onDisk(() => this.#fs.rename(this.partPath, this.label));
    }
    await this.#onDisk(() => this.#fs.unlink(this.partPath));
  }
}
