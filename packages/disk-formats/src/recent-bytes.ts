/** Keeps the most recently used blocks, up to a number of bytes in all. */
export class RecentBytes {
  readonly #mostBytes: number;
  readonly #kept = new Map<number, Uint8Array>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get(key: number): Uint8Array | undefined {
    const found = this.#kept.get(key);
    if (found !== undefined) {
      // A Map keeps the order of insertion: the first entry is the least recently used one.
      this.#kept.delete(key);
      this.#kept.set(key, found);
    }
    return found;
  }

  set(key: number, bytes: Uint8Array): void {
    this.#drop(key);
    this.#kept.set(key, bytes);
    this.#bytes += bytes.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#mostBytes) break;
      this.#drop(oldest);
    }
  }

  #drop(key: number): void {
    this.#bytes -= this.#kept.get(key)?.length ?? 0;
    this.#kept.delete(key);
  }
}
