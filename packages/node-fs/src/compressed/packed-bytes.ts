import { cutOff } from "./decode-faults.js";

/** Gives the next bytes of a compressed file, in pieces of any length; null at its end. */
export type NextBytes = () => Promise<Uint8Array | null>;

/** A compressed file, read from its start, with what a decoder has taken so far. */
export class PackedBytes {
  readonly #next: NextBytes;
  #rest: Uint8Array = new Uint8Array();
  #ended = false;
  /** How many bytes were taken: where in the file the next one is. */
  position = 0;

  constructor(next: NextBytes) {
    this.#next = next;
  }

  /** Takes what has come, at least a byte; null at the end. */
  async some(): Promise<Uint8Array | null> {
    const bytes = await this.peek(1);
    return bytes.length === 0 ? null : this.#take(this.#rest.length);
  }

  /** Takes so many bytes. @throws {Unsound} The file ends before. */
  async exactly(lengthBytes: number): Promise<Uint8Array> {
    const bytes = await this.peek(lengthBytes);
    if (bytes.length < lengthBytes) {
      this.position += bytes.length;
      throw cutOff();
    }
    return this.#take(lengthBytes);
  }

  /** Looks at the next bytes; fewer only at the end. */
  async peek(lengthBytes: number): Promise<Uint8Array> {
    while (this.#rest.length < lengthBytes && !this.#ended) {
      const next = await this.#next();
      if (next === null) this.#ended = true;
      else this.#rest = this.#rest.length === 0 ? next : joined(this.#rest, next);
    }
    return this.#rest.subarray(0, lengthBytes);
  }

  #take(lengthBytes: number): Uint8Array {
    const taken = this.#rest.subarray(0, lengthBytes);
    this.#rest = this.#rest.subarray(lengthBytes);
    this.position += lengthBytes;
    return taken;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
