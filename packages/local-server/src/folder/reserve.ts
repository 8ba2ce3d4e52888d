import { createCipheriv } from "node:crypto";
import { join } from "node:path";
import { type FileSystem, hasCode, removeIfThere, writeAtomically } from "@img/files";

/** Enough for a few records, a block for the names of a folder, and the lock. */
const RESERVE_BYTES = 256 * 1024;

/**
 * A file that reserves a little space. It is deleted when the disk is full, so that images can still be deleted and
 * the server can start.
 */
export class Reserve {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #bytes: number;
  #isThere = false;

  constructor(fs: FileSystem, dir: string, bytes: number = RESERVE_BYTES) {
    this.#fs = fs;
    this.#dir = dir;
    this.#bytes = bytes;
  }

  /**
   * Runs a write that can be repeated. If the disk is full, the reserve is deleted and the write runs again.
   */
  async spend<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!isFull(error)) throw error;
      await this.#release();
      return write();
    }
  }

  /** Reserves the space again, if it was given up and the disk has room. */
  async restore(): Promise<void> {
    if (this.#isThere) return;
    try {
      const size = await this.#fs.stat(this.#path).then(
        (found) => Number(found.size),
        () => 0,
      );
      if (size !== this.#bytes) await writeAtomically(this.#fs, this.#path, filling(this.#bytes));
      this.#isThere = true;
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  get #path(): string {
    return join(this.#dir, "reserve");
  }

  async #release(): Promise<void> {
    this.#isThere = false;
    await removeIfThere(this.#fs, this.#path);
    // A journaling file system reuses the blocks only after the change of names is written.
    await this.#fs.syncDir(this.#dir);
  }
}

const isFull = (error: unknown): boolean => hasCode(error, "ENOSPC", "EDQUOT");

/** Returns text that no file system compresses. @param bytes A multiple of 4. */
function filling(bytes: number): string {
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16));
  return cipher.update(Buffer.alloc((bytes / 4) * 3)).toString("base64");
}
