import { kept, untilAborted } from "../promises/kept.js";
import type { Platform } from "../ports.js";
import type { Loan } from "../run/buffers.js";
import { changedSinceRead, type PartBytes } from "./part-bytes.js";
import type { PartInput } from "./read-ahead.js";

/** The bytes of a part that is read from its source while it is sent: one half of its memory is read while the other leaves. */
export class PartWindow implements PartBytes {
  readonly #loan: Loan;
  readonly #memory: Uint8Array;
  readonly #input: Pick<PartInput, "read">;
  readonly #platform: Pick<Platform, "crc32">;
  #signal!: AbortSignal;
  /** Of this pass over the part: one for each half that was read, or is being read. */
  #readings: Promise<unknown>[] = [];
  #givenBytes = 0;
  #movedBytes = 0;
  #crc32 = 0;

  constructor(
    loan: Loan,
    memory: Uint8Array,
    input: Pick<PartInput, "read">,
    platform: Pick<Platform, "crc32">,
  ) {
    this.#loan = loan;
    this.#memory = memory;
    this.#input = input;
    this.#platform = platform;
  }

  async restart(signal: AbortSignal): Promise<void> {
    await untilAborted(this.settled(), signal);
    this.#signal = signal;
    this.#readings = [];
    this.#givenBytes = this.#movedBytes = this.#crc32 = 0;
    this.#readAhead();
  }

  atOnce(mostBytes: number): number {
    const half = this.#halfBytes;
    return Math.min(mostBytes, half - (this.#givenBytes % half));
  }

  /** @throws {SourceChangedError} The part has other bytes than before; its last ones are not given. */
  async next(lengthBytes: number): Promise<Uint8Array> {
    const half = this.#halfBytes;
    const from = this.#givenBytes % (2 * half);
    await untilAborted(this.#readings[Math.floor(this.#givenBytes / half)]!, this.#signal);
    const bytes = this.#memory.subarray(from, from + lengthBytes);
    this.#crc32 = await this.#platform.crc32(bytes, this.#crc32);
    this.#givenBytes += lengthBytes;
    if (this.#givenBytes === this.#loan.part.lengthBytes) this.#compare();
    return bytes;
  }

  moved(lengthBytes: number): void {
    this.#movedBytes += lengthBytes;
    this.#readAhead();
  }

  /** Reads all of the part once, piece by piece. */
  async *pieces(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    await this.restart(signal);
    const { lengthBytes } = this.#loan.part;
    while (this.#givenBytes < lengthBytes) {
      const bytes = await this.next(this.atOnce(lengthBytes - this.#givenBytes));
      yield bytes;
      this.moved(bytes.length);
    }
  }

  /** Resolves when nothing writes to its memory any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#readings);
  }

  get #halfBytes(): number {
    return this.#memory.length / 2;
  }

  /** Reads what there is room for: a half once all that was in it has left. */
  #readAhead(): void {
    const half = this.#halfBytes;
    const { part } = this.#loan;
    for (;;) {
      const from = this.#readings.length * half;
      if (from >= part.lengthBytes || this.#movedBytes < from - half || this.#signal.aborted)
        return;
      const at = from % (2 * half);
      const into = this.#memory.subarray(at, at + Math.min(half, part.lengthBytes - from));
      const piece = { ...part, offset: part.offset + from, lengthBytes: into.length };
      this.#readings.push(kept(this.#input.read(piece, into, this.#signal)));
    }
  }

  /**
   * A part may be sent several times, and the store may keep any of those that it got whole. So all must be the same,
   * since the digest is compared with one.
   */
  #compare(): void {
    this.#loan.crc32 ??= this.#crc32;
    if (this.#loan.crc32 === this.#crc32) return;
    throw changedSinceRead(this.#loan.part);
  }
}
