import { Waiters } from "../promises/waiters.js";
import { windowBytes } from "../divided-memory.js";

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
  /** What each run that uses windows needs for them. */
  readonly #reserved = new Set<{ readonly bytes: number }>();
  readonly #freeWindows: Uint8Array[] = [];
  #windowsLent = 0;
  readonly #news = new Waiters();

  constructor(allocate: (bytes: number) => Uint8Array, mostBytes: number) {
    this.#allocate = allocate;
    this.mostBytes = mostBytes;
  }

  /** Bytes of all buffers and windows, in use or free. */
  get heldBytes(): number {
    return this.#heldBytes + this.#windowsBytes;
  }

  /** Keeps memory for so many windows free of whole parts. @returns Ends that; to be called once. */
  reserve(windows: number): () => void {
    const reserved = { bytes: windows * windowBytes };
    this.#reserved.add(reserved);
    return () => {
      this.#reserved.delete(reserved);
      if (this.#reserved.size === 0) this.#freeWindows.length = 0;
      this.#serve();
    };
  }

  /** Waits for a window. Only one run that has reserved windows may ask. */
  async window(signal: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      signal.throwIfAborted();
      const window = this.#freeWindows.pop() ?? this.#newWindow();
      if (window !== null) {
        this.#windowsLent++;
        return window;
      }
      await this.#news.wait(signal);
    }
  }

  /** Takes a window back. */
  giveBackWindow(window: Uint8Array): void {
    this.#windowsLent--;
    if (this.#reserved.size > 0) this.#freeWindows.push(window);
    this.#news.wake();
    this.#serve();
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
    this.#freeWindows.length = 0;
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
    const forWindows = Math.max(this.#reservedBytes, this.#windowsBytes);
    const mostBytes = this.mostBytes - forWindows - lengthBytes;
    if (!this.#freeUntil(() => this.heldBytes === 0 || this.#heldBytes <= mostBytes)) return null;
    const buffer = this.#allocate(lengthBytes);
    this.#heldBytes += buffer.length;
    return buffer;
  }

  #newWindow(): Uint8Array | null {
    if (this.#windowsBytes >= this.#reservedBytes) return null;
    const mostBytes = this.mostBytes - this.#windowsBytes - windowBytes;
    return this.#freeUntil(() => this.#heldBytes <= mostBytes) ? this.#allocate(windowBytes) : null;
  }

  /** Frees buffers that are not in use until it fits. @returns Whether it does. */
  #freeUntil(fits: () => boolean): boolean {
    while (!fits() && this.#free.length > 0) this.#release(0);
    return fits();
  }

  get #reservedBytes(): number {
    return Math.max(0, ...[...this.#reserved].map(({ bytes }) => bytes));
  }

  get #windowsBytes(): number {
    return (this.#windowsLent + this.#freeWindows.length) * windowBytes;
  }

  #release(index: number): void {
    const [buffer] = this.#free.splice(index, 1);
    this.#heldBytes -= buffer!.length;
    this.#news.wake();
  }
}
