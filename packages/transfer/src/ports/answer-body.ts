import { kept } from "../promises/kept.js";

/** Memory for the body of an answer: that of a `GetRequest`, or an `AnswerText`. */
export interface BodyMemory {
  /** Returns memory for the next bytes. Called when bytes wait and the memory before is full. */
  into(): Uint8Array | Promise<Uint8Array>;
  /** Tells that so many more bytes were written to it. */
  onMoved(bytes: number): void;
}

/** Copies a body that comes in pieces into memory, for a transport. */
export class BodyFilling {
  readonly #memory: BodyMemory;
  #room: Uint8Array = new Uint8Array();
  #ended = false;

  constructor(memory: BodyMemory) {
    this.#memory = memory;
  }

  /**
   * Takes all of `bytes` in this call, or keeps a copy of what has no room yet and resolves later. Calls
   * do not overlap.
   */
  take(bytes: Uint8Array): void | Promise<void> {
    for (let left = this.#fill(bytes); left.length > 0; left = this.#fill(left)) {
      const room = kept(this.#memory.into());
      if (!(room instanceof Uint8Array)) {
        const waiting = new Uint8Array(left); // the transport may reuse its memory after this call
        return room.then((given) => this.#takeInto(given, waiting));
      }
      this.#room = room;
    }
  }

  /**
   * Tells that the call settles: bytes that still wait for memory are dropped, since the memory may be reused
   * by then.
   */
  end(): void {
    this.#ended = true;
  }

  #takeInto(room: Uint8Array, bytes: Uint8Array): void | Promise<void> {
    if (this.#ended) return;
    this.#room = room;
    return this.take(bytes);
  }

  /** @returns The bytes that did not fit. */
  #fill(bytes: Uint8Array): Uint8Array {
    const piece = bytes.subarray(0, this.#room.length);
    if (piece.length === 0) return bytes;
    this.#room.set(piece);
    this.#room = this.#room.subarray(piece.length);
    this.#memory.onMoved(piece.length);
    return bytes.subarray(piece.length);
  }
}

/** The most bytes that are kept of an answer's text. An error's XML is short. */
const mostText = 64 * 1024;

/** The error that ends an answer whose text is too long: it may never end by itself. */
export const enoughText: Error = new Error("the answer's text is longer than is kept");

/** Keeps an answer's body as text, at most 64 KiB of it. */
export class AnswerText implements BodyMemory {
  readonly #allocate: (bytes: number) => Uint8Array;
  #bytes: Uint8Array | null = null;
  #length = 0;

  /** @param allocate Called when there is text. */
  constructor(allocate: (bytes: number) => Uint8Array = (bytes) => new Uint8Array(bytes)) {
    this.#allocate = allocate;
  }

  /** @throws {@link enoughText} The text is longer than is kept. */
  into(): Uint8Array {
    if (this.#bytes !== null) throw enoughText;
    return (this.#bytes = this.#allocate(mostText));
  }

  onMoved(bytes: number): void {
    this.#length += bytes;
  }

  /** What was kept. */
  get text(): string {
    if (this.#bytes === null) return "";
    // A copy, since a decoder may refuse shared memory.
    return new TextDecoder().decode(new Uint8Array(this.#bytes.subarray(0, this.#length)));
  }
}
