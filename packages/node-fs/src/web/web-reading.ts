import { crc32 } from "node:zlib";
import { kept, SourceChangedError, untilAborted, type Reading } from "@img/transfer";
import type { WebFile } from "./web-file.js";
import type { WebMemory } from "./web-requests.js";

/** What came in an earlier try is passed over in pieces of so many bytes. */
const scratchBytes = 64 * 1024;

/** Reads a file on a web server from its first byte to its last, by one request: for servers that answer no ranges. */
export class WebReading implements Reading {
  readonly #web: WebFile;
  readonly #passing: Passing;
  readonly #closing = new AbortController();
  #fetching: Promise<void> | null = null;

  constructor(web: WebFile) {
    this.#web = web;
    this.#passing = new Passing(web.label);
  }

  get label(): string {
    return this.#web.label;
  }

  async read(into: Uint8Array, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    this.#fetching ??= kept(this.#fetch());
    try {
      return await untilAborted(this.#passing.fill(into), signal);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the reading was closed"));
    await this.#fetching?.catch(() => undefined);
  }

  async #fetch(): Promise<void> {
    try {
      await this.#web.fetchWhole(this.#passing, this.#closing.signal);
      this.#passing.end(null);
    } catch (error) {
      this.#passing.end({ error });
    }
  }
}

interface Waiting {
  readonly into: Uint8Array;
  readonly resolve: (filledBytes: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Hands the bytes of one request to the reader, and holds the request back meanwhile. Another try begins at the
 * first byte again: what was handed out is passed over, and must be the same.
 */
class Passing implements WebMemory {
  readonly #label: string;
  #reader: Waiting | null = null;
  #filledBytes = 0;
  #onReader: () => void = () => undefined;
  #end: { readonly failure: { readonly error: unknown } | null } | null = null;
  /** Handed out so far, and their CRC-32. */
  #passedBytes = 0;
  #crc = 0;
  /** Of the present try. */
  positionBytes = 0;
  #tryCrc = 0;
  /** The memory that bytes go to, and how much of it is full. */
  #room: Uint8Array = new Uint8Array();
  #roomFilled = 0;

  constructor(label: string) {
    this.#label = label;
  }

  /** Resolves to how many bytes came: fewer than fit only at the end. Calls do not overlap. */
  fill(into: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#reader = { into, resolve, reject };
      this.#filledBytes = 0;
      this.#onReader();
      this.#settle();
    });
  }

  begin(): void {
    this.positionBytes = this.#tryCrc = 0;
  }

  get isKnown(): boolean {
    return this.positionBytes < this.#passedBytes;
  }

  into(): Uint8Array | Promise<Uint8Array> {
    if (this.isKnown) {
      const missing = this.#passedBytes - this.positionBytes;
      return this.#give(new Uint8Array(Math.min(scratchBytes, missing)));
    }
    if (this.#reader !== null) return this.#give(this.#reader.into.subarray(this.#filledBytes));
    return new Promise((resolve) => {
      this.#onReader = () => resolve(this.#give(this.#reader!.into));
    });
  }

  onMoved(bytes: number): void {
    const piece = this.#room.subarray(this.#roomFilled, this.#roomFilled + bytes);
    const cameBefore = this.isKnown;
    this.#roomFilled += bytes;
    this.positionBytes += bytes;
    this.#tryCrc = crc32(piece, this.#tryCrc);
    if (cameBefore) {
      const isThrough = this.positionBytes === this.#passedBytes;
      if (isThrough && this.#tryCrc !== this.#crc) throw this.#changed();
      return;
    }
    this.#passedBytes = this.positionBytes;
    this.#crc = this.#tryCrc;
    this.#filledBytes += bytes;
    this.#settle();
  }

  end(failure: { readonly error: unknown } | null): void {
    this.#end = { failure };
    this.#settle();
  }

  #give(room: Uint8Array): Uint8Array {
    this.#room = room;
    this.#roomFilled = 0;
    return room;
  }

  #settle(): void {
    const reader = this.#reader;
    if (reader === null) return;
    const isFull = this.#filledBytes === reader.into.length;
    if (!isFull && this.#end === null) return;
    this.#reader = null;
    this.#onReader = () => undefined;
    const failure = isFull ? null : (this.#end?.failure ?? null);
    if (failure === null) reader.resolve(this.#filledBytes);
    else reader.reject(failure.error);
  }

  #changed(): SourceChangedError {
    return new SourceChangedError(`${this.#label} has other bytes than in the try before`);
  }
}
