import type { PutRequest } from "@img/transfer";

/**
 * Smaller slices are copied: a socket takes them without waiting, and may still hold them when the
 * body has ended and its buffer is someone else's.
 */
const copiedBytes = 64 * 1024;

/**
 * The last bytes go by themselves: the socket takes them without waiting (less than its high-water mark), so the
 * body has ended before a quick store can answer. With a larger last slice it had not, and undici lets go of
 * a connection that is answered before: a handshake for nearly every part (measured: 8 ms of CPU each).
 */
const tailBytes = 8 * 1024;

/**
 * The first bytes go by themselves, too: they are written together with the head of the request, for which Node copies both
 * into new memory.
 */
const headBytes = 8 * 1024;

/** The most that the next slice may have. */
export const mostSliceBytes = (takenBytes: number, leftBytes: number): number => {
  if (leftBytes <= tailBytes) return leftBytes;
  return takenBytes === 0 ? headBytes : leftBytes - tailBytes;
};

/** A part's bytes as the slices that undici takes one by one, each when the one before is written out. */
export class PartBody {
  readonly #request: PutRequest;
  #takenBytes = 0;
  #done = false;
  /** What the request threw instead of its next bytes. */
  refused: Error | null = null;

  constructor(request: PutRequest) {
    this.#request = request;
  }

  /** Bytes that the socket has asked for so far. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** Whether all of it was written out. */
  get done(): boolean {
    return this.#done;
  }

  async *slices(): AsyncGenerator<Uint8Array> {
    const { lengthBytes } = this.#request;
    while (this.#takenBytes < lengthBytes) {
      const slice = await this.#next(lengthBytes - this.#takenBytes);
      const { length } = slice;
      this.#takenBytes += length;
      yield length < copiedBytes ? new Uint8Array(slice) : slice; // a Buffer.slice copies nothing
      if (this.#takenBytes === lengthBytes) this.#done = true;
      this.#request.onMoved(length);
    }
  }

  async #next(leftBytes: number): Promise<Uint8Array> {
    try {
      return await this.#request.next(mostSliceBytes(this.#takenBytes, leftBytes));
    } catch (error) {
      this.refused = error as Error;
      throw error;
    }
  }
}
