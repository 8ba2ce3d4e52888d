import { join } from "node:path";
import { unfinishedName } from "./atomic-file.js";
import type { FileSystem, OpenFile } from "./file-system.js";
import type { Md5, Md5Workers } from "./md5-workers.js";

/** Part bytes that have been synced under a name that means nothing yet. */
export interface WrittenPart {
  readonly path: string;
  readonly bytes: number;
  /** 32 lower-case hex digits. */
  readonly md5: string;
}

/** Two of these are what one part holds in memory while it is on its way. */
const BUFFER_BYTES = 256 * 1024;
/** More than that many of them are given back to the system once they are not used. */
const BUFFERS_KEPT = 64;

/** Streams parts to new files, which the caller then renames or removes. */
export class PartWriter {
  readonly #fs: FileSystem;
  readonly #md5s: Md5Workers;
  readonly #free: SharedArrayBuffer[] = [];

  constructor(fs: FileSystem, md5s: Md5Workers) {
    this.#fs = fs;
    this.#md5s = md5s;
  }

  /** Resolves once all is synced. Where the body breaks off or the disk fails, the file is removed first. */
  async write(folder: string, body: AsyncIterable<Uint8Array>): Promise<WrittenPart> {
    const path = join(folder, unfinishedName());
    const file = await this.#fs.open(path, "create");
    try {
      const written = await this.#stream(file, body);
      await file.sync();
      await file.close();
      return { path, ...written };
    } catch (error) {
      await file.close().catch(() => undefined);
      await this.#fs.unlink(path);
      throw error;
    }
  }

  async #stream(file: OpenFile, body: AsyncIterable<Uint8Array>) {
    const md5 = this.#md5s.open();
    const buffers = [this.#take(), this.#take()] as const;
    try {
      const bytes = await pump(file, md5, buffers, body);
      return { bytes, md5: await md5.digest() };
    } catch (error) {
      md5.drop();
      throw error;
    } finally {
      for (const buffer of buffers) if (this.#free.length < BUFFERS_KEPT) this.#free.push(buffer);
    }
  }

  #take(): SharedArrayBuffer {
    return this.#free.pop() ?? new SharedArrayBuffer(BUFFER_BYTES);
  }
}

/** One buffer is filled while the other is written and hashed. Both are free when it settles. */
async function pump(
  file: OpenFile,
  md5: Md5,
  buffers: readonly [SharedArrayBuffer, SharedArrayBuffer],
  body: AsyncIterable<Uint8Array>,
): Promise<number> {
  let bytes = 0;
  let turn = 0;
  let filled = 0;
  let flushing = Promise.resolve();
  const flush = async () => {
    await flushing;
    flushing = writeAndHash(file, md5, buffers[turn % 2]!, filled);
    // Looked at above or below; until then a failure is not unhandled.
    flushing.catch(() => undefined);
    turn += 1;
    filled = 0;
  };
  try {
    for await (const slice of body) {
      bytes += slice.length;
      for (let from = 0; from < slice.length;) {
        const piece = slice.subarray(from, from + BUFFER_BYTES - filled);
        new Uint8Array(buffers[turn % 2]!).set(piece, filled);
        from += piece.length;
        filled += piece.length;
        if (filled === BUFFER_BYTES) await flush();
      }
    }
    await flush();
  } finally {
    await flushing;
  }
  return bytes;
}

async function writeAndHash(
  file: OpenFile,
  md5: Md5,
  buffer: SharedArrayBuffer,
  bytes: number,
): Promise<void> {
  if (bytes === 0) return;
  const both = [file.append([new Uint8Array(buffer, 0, bytes)]), md5.update(buffer, bytes)];
  for (const settled of await Promise.allSettled(both)) {
    if (settled.status === "rejected") throw settled.reason;
  }
}
