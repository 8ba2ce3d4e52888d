/** A request for a buffer. */
interface Asking {
  /** The least length. */
  readonly lengthBytes: number;
  /** Takes the buffer, or what `allocate` threw. */
  readonly settle: (answer: Uint8Array | { readonly error: unknown }) => void;
}

/**
 * The memory for parts of all transfers that share a budget. Buffers are granted in the order of the requests, and
 * allocated only when none that is free is long enough.
 */
export class PartMemory {
  /** The budget: the most bytes of all buffers together, in use or free. */
  readonly mostBytes: number;
  readonly #allocate: (bytes: number) => Uint8Array;
  readonly #free: Uint8Array[] = [];
  readonly #asking = new Set<Asking>();
  #heldBytes = 0;

  constructor(allocate: (bytes: number) => Uint8Array, mostBytes: number) {
    this.#allocate = allocate;
    this.mostBytes = mostBytes;
  }

  /** Bytes of all buffers, in use or free. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * Asks for a buffer. `settle` is called once, perhaps before this returns.
   *
   * @returns Cancels the request, if it was not settled yet.
   */
  ask(asking: Asking): () => void {
    this.#asking.add(asking);
    this.#serve();
    return () => {
      if (this.#asking.delete(asking)) this.#serve();
    };
  }

  /** Takes a buffer back, for the next request. */
  giveBack(buffer: Uint8Array): void {
    this.#free.push(buffer);
    this.#serve();
  }

  /** Takes a buffer back and frees it, unless a request waits for one. */
  discard(buffer: Uint8Array): void {
    this.giveBack(buffer);
    if (this.#free.at(-1) === buffer) this.#release(this.#free.length - 1);
  }

  /** Frees all buffers that are not in use. */
  clear(): void {
    while (this.#free.length > 0) this.#release(0);
  }

  #serve(): void {
    for (const asking of this.#asking) {
      const answer = this.#answer(asking);
      if (answer === null) return; // nobody overtakes: a long part would wait for ever
      this.#asking.delete(asking);
      asking.settle(answer);
    }
  }

  #answer({ lengthBytes }: Asking): Uint8Array | { readonly error: unknown } | null {
    try {
      return this.#take(lengthBytes);
    } catch (error) {
      return { error };
    }
  }

  #take(lengthBytes: number): Uint8Array | null {
    const fitting = this.#free.filter((buffer) => buffer.length >= lengthBytes);
    const shortest = fitting.reduce<Uint8Array | null>(
      (a, b) => (a === null || b.length < a.length ? b : a),
      null,
    );
    if (shortest === null) return this.#grow(lengthBytes);
    this.#free.splice(this.#free.indexOf(shortest), 1);
    return shortest;
  }

  /** A budget under one part is one buffer. */
  #grow(lengthBytes: number): Uint8Array | null {
    const fits = (): boolean =>
      this.#heldBytes === 0 || this.#heldBytes + lengthBytes <= this.mostBytes;
    while (!fits() && this.#free.length > 0) this.#release(0);
    if (!fits()) return null;
    const buffer = this.#allocate(lengthBytes);
    this.#heldBytes += buffer.length;
    return buffer;
  }

  #release(index: number): void {
    const [buffer] = this.#free.splice(index, 1);
    this.#heldBytes -= buffer!.length;
  }
}
