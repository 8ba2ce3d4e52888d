import { crc32 } from "node:zlib";
import { kept, SourceChangedError, untilAborted, type Reading } from "@img/transfer";
import type { WebFile } from "./web-file.js";
import type { WebMemory } from "./web-requests.js";

/** Bytes that already came in an earlier try are read in pieces of so many bytes. */
const scratchBytes = 64 * 1024;

/** Reads a file from a web server that answers no ranges, from its first byte to its last, by one request. */
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
    this.#fetching ??= kept(this.#web.fetchWhole(this.#passing, this.#closing.signal));
    const full = this.#passing.fill(into);
    const ended = this.#fetching.then(() => this.#passing.filledBytes);
    try {
      return await untilAborted(Promise.race([full, ended]), signal);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the reading was closed"));
    await this.#fetching?.catch(() => undefined);
  }
}

interface Reader {
  readonly into: Uint8Array;
  /** Called when `into` is full. */
  readonly resolve: (filledBytes: number) => void;
}

/**
 * Passes the bytes of one request to the reader; the request waits while nothing is read. A second try begins at the first
 * byte again: what was passed on before is skipped, and must have the same CRC-32.
 */
class Passing implements WebMemory {
  readonly #label: string;
  #reader: Reader | null = null;
  /** How much of the reader's memory is full. */
  filledBytes = 0;
  #onReader: () => void = () => undefined;
  /** Bytes that were passed on, and their CRC-32. */
  #passedBytes = 0;
  #crc = 0;
  /** Of the current try. */
  positionBytes = 0;
  #tryCrc = 0;
  /** The memory that bytes go to, and how much of it is full. */
  #room: Uint8Array = new Uint8Array();
  #roomFilled = 0;

  constructor(label: string) {
    this.#label = label;
  }

  /** Resolves when `into` is full; never if the file ends before. Calls do not overlap. */
  fill(into: Uint8Array): Promise<number> {
    return new Promise((resolve) => {
      this.#reader = { into, resolve };
      this.filledBytes = 0;
      this.#onReader();
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
    if (this.#reader !== null) return this.#give(this.#reader.into.subarray(this.filledBytes));
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
    this.filledBytes += bytes;
    if (this.filledBytes < this.#reader!.into.length) return;
    this.#reader!.resolve(this.filledBytes);
    this.#reader = null;
    this.#onReader = () => undefined;
  }

  #give(room: Uint8Array): Uint8Array {
    this.#room = room;
    this.#roomFilled = 0;
    return room;
  }

  #changed(): SourceChangedError {
    return new SourceChangedError(`${this.#label} has other bytes than in the try before`);
  }
}
