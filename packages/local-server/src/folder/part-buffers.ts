/** The two buffers of a part: one is filled from the socket while the other is hashed and written. */
export type Pair = readonly [Uint8Array, Uint8Array];

const KiB = 1024;
/**
 * The usual size. Large writes need fewer turns of the event loop and of the disk. More than 1 MiB is not
 * faster.
 */
const LARGE = 1024 * KiB;
/** The size of buffers for small parts, and when many parts arrive at once. */
const SMALL = 128 * KiB;
/** How many parts get large buffers, 16 MiB in all. 56 more with small ones take 14 MiB. */
const MOST_LARGE = 8;
/** More unused pairs than this are released. */
const MOST_KEPT = 56;

/** Lends buffers for parts, in shared memory. */
export class PartBuffers {
  readonly #free = new Map<number, Pair[]>();
  #large = 0;

  /** Takes a pair of buffers. Return them with `release`, once nothing reads or writes them. */
  take(partBytes: number): Pair {
    const bytes = partBytes > SMALL && this.#large < MOST_LARGE ? LARGE : SMALL;
    if (bytes === LARGE) this.#large++;
    return this.#free.get(bytes)?.pop() ?? [shared(bytes), shared(bytes)];
  }

  release(pair: Pair): void {
    const bytes = pair[0].length;
    if (bytes === LARGE) this.#large--;
    const free = this.#free.get(bytes) ?? [];
    if (free.length < (bytes === LARGE ? MOST_LARGE : MOST_KEPT)) free.push(pair);
    this.#free.set(bytes, free);
  }
}

const shared = (bytes: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(bytes));
