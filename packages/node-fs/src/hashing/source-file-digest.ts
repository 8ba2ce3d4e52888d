import type { DiskSource } from "../files/disk-source.js";
import { WorkerDigest } from "./digest.js";
import type { DigestThreads } from "./digest-threads.js";

/** Reading that takes longer than this share of the time that hashing takes is done beside it, not before it. */
const slowShare = 1;
/** So many parts are left to others before the thread reads one again. */
const partsAfterSlow = 8;

/**
 * The digest of a file that is uploaded as it is. Its thread also reads the parts, and hashes what is still in its processor's
 * cache. From a disk that is slower than that thread, parts are read ahead beside it.
 */
export class SourceFileDigest extends WorkerDigest {
  readonly #source: Pick<DiskSource, "path" | "look">;
  #leftToOthers = 0;

  constructor(source: Pick<DiskSource, "path" | "look">, threads?: DigestThreads) {
    super(source.path, threads);
    this.#source = source;
  }

  async readInto(offset: number, into: Uint8Array): Promise<number | null> {
    if (this.#leftToOthers > 0) {
      this.#leftToOthers--;
      return null;
    }
    const filled = await this.fillFrom(offset, into);
    const isSlow = filled === null || filled.readMs > filled.hashMs * slowShare;
    if (isSlow) this.#leftToOthers = partsAfterSlow;
    if (filled !== null) await this.#source.look();
    return filled?.crc32 ?? null;
  }
}
