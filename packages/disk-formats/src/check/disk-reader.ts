import type { DiskFile } from "../disk.js";

/** The most bytes that a check reads of a disk, which may be on a slow server. */
export const mostReadBytes: number = 512 * 1024;

const blockBytes = 4096;

/** The check would have to read more than it may, or the disk ends too early. */
export class NotReadError extends Error {
  override readonly name = "NotReadError";
}

/**
 * Reads small pieces of a disk: each block of 4 KiB once, and at most 512 KiB in all. So a check ends, whatever
 * a damaged table says.
 */
export class DiskReader {
  readonly sizeBytes: number;
  readonly #disk: DiskFile;
  readonly #signal: AbortSignal;
  readonly #blocks = new Map<number, Uint8Array>();
  #readBytes = 0;

  constructor(disk: DiskFile, signal: AbortSignal) {
    this.sizeBytes = disk.sizeBytes;
    this.#disk = disk;
    this.#signal = signal;
  }

  /** Reads a range. @throws {NotReadError} The disk ends earlier, or more was read than a check may. */
  async bytes(offset: number, lengthBytes: number): Promise<Uint8Array> {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + lengthBytes > this.sizeBytes) {
      throw new NotReadError(`the disk ends before byte ${offset + lengthBytes}`);
    }
    const bytes = new Uint8Array(lengthBytes);
    await this.#fetch(offset, lengthBytes);
    for (let at = offset; at < offset + lengthBytes;) {
      const block = Math.floor(at / blockBytes);
      const from = at - block * blockBytes;
      const piece = this.#blocks.get(block)!.subarray(from, from + offset + lengthBytes - at);
      bytes.set(piece, at - offset);
      at += piece.length;
    }
    return bytes;
  }

  /** Reads a range, or as much of it as the disk has. */
  async upTo(offset: number, lengthBytes: number): Promise<Uint8Array> {
    const there = Math.min(lengthBytes, this.sizeBytes - offset);
    return there > 0 ? this.bytes(offset, there) : new Uint8Array(0);
  }

  /** Reads those blocks of a range that were not read yet, adjacent ones in one call. */
  async #fetch(offset: number, lengthBytes: number): Promise<void> {
    const end = Math.ceil((offset + lengthBytes) / blockBytes);
    for (let block = Math.floor(offset / blockBytes); block < end; block++) {
      if (this.#blocks.has(block)) continue;
      let last = block;
      while (last + 1 < end && !this.#blocks.has(last + 1)) last++;
      await this.#fetchBlocks(block, last);
    }
  }

  async #fetchBlocks(first: number, last: number): Promise<void> {
    const from = first * blockBytes;
    const bytes = new Uint8Array(Math.min((last + 1) * blockBytes, this.sizeBytes) - from);
    this.#readBytes += bytes.length;
    if (this.#readBytes > mostReadBytes) {
      throw new NotReadError("its tables are larger than what is read for a check");
    }
    await this.#disk.read(from, bytes, this.#signal);
    for (let block = first; block <= last; block++) {
      const start = (block - first) * blockBytes;
      this.#blocks.set(block, bytes.subarray(start, start + blockBytes));
    }
  }
}
