import { join } from "node:path";
import {
  type FileSystem,
  type OpenFile,
  removeIfPossible,
  unfinishedName,
  writeFully,
} from "@img/files";
import { EarlySync } from "./early-sync.js";
import { md5Here } from "./md5-threads.js";
import type { Md5, Md5Threads } from "./md5-threads.js";
import type { Pair, PartBuffers } from "./part-buffers.js";

/** A part that was written and synced to a file that does not count yet. */
export interface WrittenPart {
  readonly path: string;
  readonly bytes: number;
  /** 32 lower-case hex digits. */
  readonly md5: string;
}

/** Smaller parts are hashed in this thread, which finishes before another one wakes up. */
const THREAD_BYTES = 1024 * 1024;

/** Streams parts to new files. The caller renames or removes them. */
export class PartWriter {
  readonly #fs: FileSystem;
  readonly #buffers: PartBuffers;
  readonly #threads: Md5Threads;

  constructor(fs: FileSystem, buffers: PartBuffers, threads: Md5Threads) {
    this.#fs = fs;
    this.#buffers = buffers;
    this.#threads = threads;
  }

  /**
   * Writes a part. Resolves once it is synced. If the body breaks off or the disk fails, the file is removed
   * first.
   */
  async write(
    folder: string,
    declaredBytes: number,
    body: AsyncIterable<Uint8Array>,
  ): Promise<WrittenPart> {
    const path = join(folder, unfinishedName());
    const file = await this.#fs.open(path, "create", 0o600);
    const sync = new EarlySync(file);
    try {
      const written = await this.#stream(file, sync, declaredBytes, body);
      await sync.finish();
      await file.close();
      return { path, ...written };
    } catch (error) {
      await sync.idle();
      await file.close().catch(() => undefined);
      await removeIfPossible(this.#fs, path);
      throw error;
    }
  }

  async #stream(
    file: OpenFile,
    sync: EarlySync,
    declaredBytes: number,
    body: AsyncIterable<Uint8Array>,
  ) {
    const buffers = this.#buffers.take(declaredBytes);
    const md5 = declaredBytes < THREAD_BYTES ? md5Here() : this.#threads.begin();
    try {
      const bytes = await pump(file, sync, buffers, md5, body);
      return { bytes, md5: await md5.digest() };
    } catch (error) {
      await md5.digest().catch(() => undefined);
      throw error;
    } finally {
      this.#buffers.release(buffers);
    }
  }
}

/**
 * Fills one buffer while the other is hashed and written; both are free when it settles. Slices are copied, so
 * that a part holds no more memory than these two buffers.
 *
 * @returns The number of bytes that arrived.
 */
async function pump(
  file: OpenFile,
  sync: EarlySync,
  [filling, other]: Pair,
  md5: Md5,
  body: AsyncIterable<Uint8Array>,
): Promise<number> {
  const capacity = filling.length;
  let [filled, flushed] = [0, 0];
  let busy: Promise<unknown> = Promise.resolve();
  const flush = async () => {
    await busy;
    const piece = filling.subarray(0, filled);
    const written = writeFully(file, piece, flushed).then(() => sync.wrote(piece.length));
    busy = bothSettled(md5.update(piece), written);
    // It is awaited above or below; until then, a failure must not count as unhandled.
    busy.catch(() => undefined);
    flushed += filled;
    [filling, other] = [other, filling];
    filled = 0;
  };
  try {
    for await (const slice of body) {
      for (let from = 0; from < slice.length;) {
        const piece = slice.subarray(from, from + capacity - filled);
        filling.set(piece, filled);
        from += piece.length;
        filled += piece.length;
        if (filled === capacity) await flush();
      }
    }
    if (filled > 0) await flush();
  } finally {
    await busy;
  }
  return flushed;
}

/** Waits until both have settled, even if one fails early, so that nothing uses the buffer any more. */
async function bothSettled(...works: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(works);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}
