import pLimit from "p-limit";
import type { Disk, DiskDescription, DiskFormat, DiskRun } from "./disk.js";
import type { DiskMap } from "./disk-map.js";
import type { ImageFile } from "./image-file.js";
import type { Piece } from "./pieces.js";
import { PackedBlocks } from "./packed-blocks.js";
import type { Unpackers } from "./unpackers.js";

/**
 * Enough reads to keep a disk and a pool of threads busy. Each may need memory for a compressed block and its
 * content.
 */
const readsAtOnce = 8;

/** A disk that is read through a format's map. */
export class MappedDisk implements Disk {
  readonly format: DiskFormat;
  readonly variant: string;
  readonly sizeBytes: number;
  readonly #file: ImageFile;
  readonly #map: DiskMap;
  readonly #blocks: PackedBlocks;
  readonly #limit = pLimit(readsAtOnce);
  #isCompressed = false;

  constructor(file: ImageFile, map: DiskMap, unpackers: Unpackers) {
    this.format = file.format;
    this.variant = map.variant;
    this.sizeBytes = map.sizeBytes;
    this.#file = file;
    this.#map = map;
    this.#blocks = new PackedBlocks(file, unpackers);
  }

  get isCompressed(): boolean {
    return this.#isCompressed;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    this.#checkRange(offset, offset + into.length);
    for (let done = 0; done < into.length;) {
      const pieces = await this.#pieces(offset + done, into.length - done, signal);
      done += await this.#fill(pieces, into.subarray(done), signal);
    }
    signal.throwIfAborted();
  }

  async *runs(offset: number, end: number, signal: AbortSignal): AsyncGenerator<DiskRun, void> {
    this.#checkRange(offset, end);
    const run = { offset, lengthBytes: 0, isZero: false };
    for (let at = offset; at < end;) {
      for (const { kind, lengthBytes } of await this.#pieces(at, end - at, signal)) {
        const isZero = kind === "zero";
        if (run.isZero !== isZero) {
          if (run.lengthBytes > 0) yield { ...run };
          Object.assign(run, { offset: at, lengthBytes: 0, isZero });
        }
        run.lengthBytes += lengthBytes;
        at += lengthBytes;
      }
    }
    if (run.lengthBytes > 0) yield run;
  }

  async describe(signal: AbortSignal): Promise<DiskDescription> {
    await this.#map.checkTables?.(signal);
    const { format, variant, sizeBytes } = this;
    let dataBytes = 0;
    for await (const run of this.runs(0, sizeBytes, signal)) {
      if (!run.isZero) dataBytes += run.lengthBytes;
    }
    return { format, variant, sizeBytes, dataBytes, fileBytes: this.#file.sizeBytes };
  }

  /** Reads all pieces to their places. Resolves to the number of bytes once nothing is written any more. */
  async #fill(pieces: readonly Piece[], into: Uint8Array, signal: AbortSignal): Promise<number> {
    let at = 0;
    const reads: Promise<void>[] = [];
    for (const piece of pieces) {
      const target = into.subarray(at, at + piece.lengthBytes);
      at += piece.lengthBytes;
      if (piece.kind === "zero") target.fill(0);
      else reads.push(this.#limit(() => this.#readPiece(piece, target, signal)));
    }
    const failed = (await Promise.allSettled(reads)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
    return at;
  }

  async #readPiece(
    piece: Exclude<Piece, { kind: "zero" }>,
    target: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    if (piece.kind === "data") return this.#file.read(piece.at, target, signal);
    const isWhole = target.length >= piece.block.leastBytes;
    const block = await this.#blocks.read(piece.block, !isWhole, signal);
    target.set(block.subarray(piece.skipBytes, piece.skipBytes + target.length));
  }

  async #pieces(
    offset: number,
    lengthBytes: number,
    signal: AbortSignal,
  ): Promise<readonly Piece[]> {
    signal.throwIfAborted();
    const pieces = await this.#map.pieces(offset, lengthBytes, signal);
    let at = offset;
    for (const piece of pieces) {
      if (piece.kind === "data") this.#file.check(`disk offset ${at}`, piece.at, piece.lengthBytes);
      if (piece.kind === "packed") {
        this.#file.check(`disk offset ${at}`, piece.block.at, 1);
        this.#isCompressed = true;
      }
      at += piece.lengthBytes;
    }
    if (at <= offset || at > offset + lengthBytes) throw new Error("bug: pieces of another range");
    return pieces;
  }

  #checkRange(offset: number, end: number): void {
    if (Number.isSafeInteger(offset) && offset >= 0 && offset <= end && end <= this.sizeBytes)
      return;
    throw new RangeError(`${offset} to ${end} is not within the disk's ${this.sizeBytes} bytes`);
  }
}
