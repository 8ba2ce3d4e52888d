import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";

/** A slice is hashed twice, SHA-256 and CRC-32, while it is in the L2 cache of the core. */
const sliceBytes = 256 * 1024;

/**
 * SHA-256 of all that it is given, from memory and from one file, and the CRC-32 of each giving. It works
 * in the thread that calls it, and keeps that for as long.
 *
 * @param path Opened when it is first read from.
 */
export class RunningHash {
  readonly #path: string;
  readonly #hash = createHash("sha256");
  #file: number | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** @returns The CRC-32 of these bytes alone. */
  takeMemory(bytes: Uint8Array): number {
    let crc = 0;
    for (let at = 0; at < bytes.length; at += sliceBytes) {
      crc = this.#take(bytes.subarray(at, at + sliceBytes), crc);
    }
    return crc;
  }

  /** @returns The CRC-32 of these bytes alone. @throws The file cannot be read, or ends before. */
  takeFile(offset: number, lengthBytes: number): number {
    const buffer = new Uint8Array(Math.min(sliceBytes, lengthBytes));
    let crc = 0;
    for (let done = 0; done < lengthBytes;) {
      this.#file ??= openSync(this.#path, "r");
      const wanted = Math.min(buffer.length, lengthBytes - done);
      const count = readSync(this.#file, buffer, 0, wanted, offset + done);
      if (count === 0) throw new Error(`${this.#path} ends before byte ${offset + lengthBytes}`);
      crc = this.#take(buffer.subarray(0, count), crc);
      done += count;
    }
    return crc;
  }

  /** 64 lower-case hex digits. @throws It has finished before. */
  finish(): string {
    this.close();
    return this.#hash.digest("hex");
  }

  /** Closes the file. Idempotent. */
  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #take(slice: Uint8Array, crc: number): number {
    this.#hash.update(slice);
    return crc32(slice, crc);
  }
}
