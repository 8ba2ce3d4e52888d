import { createHash } from "node:crypto";
import { join } from "node:path";
import { unfinishedName } from "./atomic-file.js";
import type { FileSystem, OpenFile } from "./file-system.js";

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
  readonly #free: Uint8Array[] = [];

  constructor(fs: FileSystem) {
    this.#fs = fs;
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
    const buffers = [this.#take(), this.#take()] as const;
    try {
      return await pump(file, buffers, body);
    } finally {
      for (const buffer of buffers) if (this.#free.length < BUFFERS_KEPT) this.#free.push(buffer);
    }
  }

  #take(): Uint8Array {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  }
}

/**
 * One buffer is filled while the other is written; both are free when it settles. Slices are copied, so
 * that what a part holds is bounded by these two, and not by what waits to be collected. MD5 is taken right
 * here: in worker threads it cost a quarter more CPU, and was no faster on two busy cores.
 */
async function pump(
  file: OpenFile,
  buffers: readonly [Uint8Array, Uint8Array],
  body: AsyncIterable<Uint8Array>,
): Promise<{ bytes: number; md5: string }> {
  const hash = createHash("md5");
  let bytes = 0;
  let [filling, writing] = buffers;
  let filled = 0;
  let written = Promise.resolve();
  const flush = async () => {
    await written;
    written = file.append([filling.subarray(0, filled)]);
    // Looked at above or below; until then a failure is not unhandled.
    written.catch(() => undefined);
    [filling, writing] = [writing, filling];
    filled = 0;
  };
  try {
    for await (const slice of body) {
      hash.update(slice);
      bytes += slice.length;
      for (let from = 0; from < slice.length;) {
        const piece = slice.subarray(from, from + BUFFER_BYTES - filled);
        filling.set(piece, filled);
        from += piece.length;
        filled += piece.length;
        if (filled === BUFFER_BYTES) await flush();
      }
    }
    if (filled > 0) await flush();
  } finally {
    await written;
  }
  return { bytes, md5: hash.digest("hex") };
}
