import { halfBytes, tellAfterMs } from "./messages.js";

/**
 * Hands received bytes to another thread through two halves of shared memory: while one is read
 * there, the other is filled here. Who gives bytes waits when both are full.
 */
export class Window {
  readonly #halves: readonly [Uint8Array, Uint8Array];
  readonly #tell: (half: number, lengthBytes: number) => void;
  readonly #free = [true, true];
  #half = 0;
  #filledBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #onFree: () => void = () => undefined;

  /** @param tell Is told of a half that is filled, and calls `free` when it was read. */
  constructor(memory: SharedArrayBuffer, tell: (half: number, lengthBytes: number) => void) {
    this.#halves = [
      new Uint8Array(memory, 0, halfBytes),
      new Uint8Array(memory, halfBytes, halfBytes),
    ];
    this.#tell = tell;
  }

  /** Takes all of `bytes` in this call, or keeps a copy of what has no room and resolves later. */
  put(bytes: Uint8Array): void | Promise<void> {
    if (this.#free[this.#half] === true && bytes.length < halfBytes - this.#filledBytes) {
      this.#fill(bytes);
      return;
    }
    return this.#putAll(new Uint8Array(bytes));
  }

  /** The other thread has read a half. */
  free(half: number): void {
    this.#free[half] = true;
    this.#onFree();
  }

  /** Tells of what there is. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#filledBytes === 0) return;
    this.#free[this.#half] = false;
    this.#tell(this.#half, this.#filledBytes);
    this.#half = 1 - this.#half;
    this.#filledBytes = 0;
  }

  /** Nothing is told any more. */
  end(): void {
    clearTimeout(this.#timer);
  }

  async #putAll(bytes: Uint8Array): Promise<void> {
    let left = bytes;
    while (left.length > 0) {
      await this.#ready();
      const piece = left.subarray(0, halfBytes - this.#filledBytes);
      this.#fill(piece);
      left = left.subarray(piece.length);
      if (this.#filledBytes === halfBytes) this.flush();
    }
    await this.#ready();
  }

  /** Until the half that is to be filled may be. */
  async #ready(): Promise<void> {
    while (this.#free[this.#half] === false) {
      await new Promise<void>((resolve) => (this.#onFree = resolve));
    }
  }

  #fill(bytes: Uint8Array): void {
    this.#halves[this.#half]?.set(bytes, this.#filledBytes);
    this.#filledBytes += bytes.length;
    this.#timer ??= setTimeout(() => this.flush(), tellAfterMs);
  }
}
