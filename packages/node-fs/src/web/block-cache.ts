import { kept, untilAborted } from "@img/transfer";

/** A file from which ranges are fetched, each call by a request of its own. */
export interface Ranges {
  readonly sizeBytes: number;
  /** Fills the memories in order with the bytes from `offset` on, and tells as each is full. */
  fetch(
    offset: number,
    memories: readonly Uint8Array[],
    onFull: (index: number) => void,
  ): Promise<void>;
}

/** As long as a few clusters of a disk image, whose tables are read here and there. */
const blockBytes = 256 * 1024;
/** Blocks of one request, where they are read one after the other. */
const blocksAtOnce = 8;
const leastBytes = 2 * blocksAtOnce * blockBytes;

/** Part of a file, on its way or there. */
interface Block {
  readonly bytes: Uint8Array;
  /** Settles when it is there, or cannot be had. */
  readonly ready: Promise<void>;
  isReady: boolean;
  /** Something was read from it: it may make room for another. */
  wasUsed: boolean;
}

/**
 * Reads a file at any offset through blocks that are kept in memory, within a bound. Where it is read in order, the
 * blocks that follow are fetched ahead, so that neither latency nor the number of reads decides how fast it is.
 */
export class BlockCache {
  readonly #file: Ranges;
  readonly #mostBlocks: number;
  /** By number; those that were used last stand last. */
  readonly #blocks = new Map<number, Block>();
  /** Memory of blocks that are through, used again: new memory costs as much as copying into it. */
  readonly #spare: Uint8Array[] = [];
  /** Where the last read ended; NaN before the first. */
  #nextOffset = NaN;
  /** How many blocks behind a read are fetched ahead: twice as many each time that one continues the last. */
  #ahead = 0;

  /** @param memoryBytes What blocks may take, the larger part of it for what is fetched ahead. */
  constructor(file: Ranges, memoryBytes: number) {
    this.#file = file;
    this.#mostBlocks = Math.floor(Math.max(memoryBytes, leastBytes) / blockBytes);
  }

  /** As `Source.read`. */
  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const end = offset + into.length;
    const isInOrder = this.#seeOrder(offset, into.length);
    for (let at = offset; at < end;) {
      const number = Math.floor(at / blockBytes);
      const block = this.#blockAt(number, blocksTo(at, end) + (isInOrder ? this.#ahead : 0));
      if (isInOrder) this.#fetchAhead(number + 1, Math.ceil(end / blockBytes) + this.#ahead);
      await untilAborted(block.ready, signal);
      const from = at - number * blockBytes;
      const piece = block.bytes.subarray(from, from + end - at);
      into.set(piece, at - offset);
      at += piece.length;
      this.#used(number, block, from + piece.length === block.bytes.length && isInOrder);
    }
  }

  /** Whether a read continues the last one, but for gaps as disk images have them, or is as long as many. */
  #seeOrder(offset: number, lengthBytes: number): boolean {
    const isInOrder = Math.abs(offset - this.#nextOffset) <= blockBytes;
    const isLong = lengthBytes > blockBytes;
    this.#nextOffset = offset + lengthBytes;
    this.#ahead = isInOrder ? Math.min(Math.max(2 * this.#ahead, 1), this.#mostBlocks / 2) : 0;
    return isInOrder || isLong;
  }

  #blockAt(number: number, count: number): Block {
    return this.#blocks.get(number) ?? this.#fetch(number, count);
  }

  /** What was read to its end in order is not read again soon. */
  #used(number: number, block: Block, isThrough: boolean): void {
    block.wasUsed = true;
    if (this.#blocks.get(number) !== block) return;
    this.#blocks.delete(number);
    if (!isThrough) this.#blocks.set(number, block);
    else if (block.bytes.length === blockBytes) this.#spare.push(block.bytes);
  }

  #fetchAhead(from: number, until: number): void {
    const last = Math.min(until, from + this.#mostBlocks / 2, this.#endBlock);
    for (let number = from; number < last; number++) {
      if (this.#blocks.has(number)) continue;
      const count = Math.min(blocksAtOnce, last - number);
      if (!this.#hasRoom(count)) return;
      this.#fetch(number, count);
    }
  }

  /** Whether so many more blocks fit, once those that were used have made room. */
  #hasRoom(count: number): boolean {
    for (const [number, { wasUsed, isReady }] of this.#blocks) {
      if (this.#blocks.size + count <= this.#mostBlocks) break;
      if (wasUsed && isReady) this.#blocks.delete(number);
    }
    return this.#blocks.size + count <= this.#mostBlocks;
  }

  /** Fetches a block, and those behind it that are missing, by one request. */
  #fetch(first: number, most: number): Block {
    this.#hasRoom(1);
    const settling: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] =
      [];
    const blocks: Block[] = [];
    const last = Math.min(first + Math.min(most, blocksAtOnce), this.#endBlock);
    for (let number = first; number < last; number++) {
      if (this.#blocks.has(number)) break;
      const ready = kept(
        new Promise<void>((resolve, reject) => settling.push({ resolve, reject })),
      );
      const bytes = this.#memoryOf(this.#lengthOf(number));
      const block: Block = { bytes, ready, isReady: false, wasUsed: false };
      this.#blocks.set(number, block);
      blocks.push(block);
    }
    const onFull = (index: number): void => {
      blocks[index]!.isReady = true;
      settling[index]!.resolve();
    };
    const memories = blocks.map(({ bytes }) => bytes);
    this.#file.fetch(first * blockBytes, memories, onFull).catch((error: unknown) => {
      for (const [index, block] of blocks.entries()) {
        if (block.isReady) continue;
        if (this.#blocks.get(first + index) === block) this.#blocks.delete(first + index);
        settling[index]!.reject(error);
      }
    });
    return blocks[0]!;
  }

  /** What still reads a block has copied it before bytes of the network come: that is another turn. */
  #memoryOf(lengthBytes: number): Uint8Array {
    const spare = lengthBytes === blockBytes ? this.#spare.pop() : undefined;
    return spare ?? new Uint8Array(lengthBytes);
  }

  get #endBlock(): number {
    return Math.ceil(this.#file.sizeBytes / blockBytes);
  }

  #lengthOf(number: number): number {
    return Math.min(blockBytes, this.#file.sizeBytes - number * blockBytes);
  }
}

const blocksTo = (at: number, end: number): number =>
  Math.ceil(end / blockBytes) - Math.floor(at / blockBytes);
