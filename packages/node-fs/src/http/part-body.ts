import type { PutRequest } from "@img/transfer";

/**
 * Smaller slices are copied: a socket takes them without waiting, and may still hold them when the
 * body has ended and its buffer is someone else's.
 */
const copiedBytes = 64 * 1024;

/** A part's bytes as the slices that undici takes one by one, each when the one before is written out. */
export class PartBody {
  readonly #request: PutRequest;
  #takenBytes = 0;
  #done = false;

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
    const { bytes } = this.#request;
    while (this.#takenBytes < bytes.length) {
      const length = await this.#request.sliceBytes(bytes.length - this.#takenBytes);
      const slice = bytes.subarray(this.#takenBytes, this.#takenBytes + length);
      this.#takenBytes += length;
      yield length < copiedBytes ? slice.slice() : slice;
      if (this.#takenBytes === bytes.length) this.#done = true;
      this.#request.onMoved(length);
    }
  }
}
