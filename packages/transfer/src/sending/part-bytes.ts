import { SourceChangedError } from "../errors.js";
import type { Part } from "../plan.js";

/** The bytes of a part that is being sent, given from its first to its last. */
export interface PartBytes {
  /** Starts again at the first byte. */
  restart(signal: AbortSignal): Promise<void>;
  /** How many of the next bytes, at most `mostBytes`, can be given at once. */
  atOnce(mostBytes: number): number;
  /** Gives the next bytes, as many as `atOnce` allows. They stay until `moved` was told of them. */
  next(lengthBytes: number): Uint8Array | Promise<Uint8Array>;
  /** So many of the bytes that were given have left. */
  moved(lengthBytes: number): void;
}

/** The bytes of a part that is in memory. */
export class WholePart implements PartBytes {
  readonly #bytes: Uint8Array;
  #givenBytes = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  async restart(): Promise<void> {
    this.#givenBytes = 0;
  }

  atOnce(mostBytes: number): number {
    return mostBytes;
  }

  next(lengthBytes: number): Uint8Array {
    return this.#bytes.subarray(this.#givenBytes, (this.#givenBytes += lengthBytes));
  }

  moved(): void {
    // It is all there.
  }
}

/** The error for a part that has other bytes than when this run first read it. */
export const changedSinceRead = ({ number }: Part): SourceChangedError =>
  new SourceChangedError(`part ${number} has other bytes than when it was first read`);
