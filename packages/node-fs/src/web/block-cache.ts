import { kept, untilAborted } from "@img/transfer";

/** A file from which ranges are fetched, each call by a request of its own. */
export interface Ranges {
  readonly sizeBytes: number;
  /** Fills the memories in order with the bytes from `offset` on. @param onFull Called when one is full. */
  fetch(
    offset: number,
    memories: readonly Uint8Array[],
    onFull: (index: number) => void,
  ): Promise<void>;
}

/** As long as a few clusters of a disk image, whose tables are read at any offset. */
const blockBytes = 256 * 1024;
/** The most blocks of one request. */
const blocksAtOnce = 8;
const leastBytes = 2 * blocksAtOnce * blockBytes;

/** A part of a file that is being fetched, or was. */
class Block {
  readonly bytes: Uint8Array;
  isReady = false;
  /** Something was read from it, so that another block may take its place. */
  wasUsed = false;
  /** Settles when it is there, or could not be fetched. */
  readonly ready: Promise<void>;
  onFull!: () => void;
  fail!: (error: unknown) => void;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.ready = kept(
      new Promise<void>((resolve, reject) => {
        this.onFull = () => resolve(void (this.isReady = true));
        this.fail = reject;
      }),
    );
  }
}

/**
 * Reads a file at any offset through blocks in memory, within a bound. While it is read in order, the next blocks are
 * fetched ahead, so that its speed depends neither on latency nor on the number of reads.
 */
export class BlockCache {
  readonly #file: Ranges;
  readonly #mostBlocks: number;
  /** By number; the last used come last. */
  readonly #blocks = new Map<number, Block>();
  /** Memory of blocks that were read to their end, for the next ones: new memory costs as much as copying into it. */
  readonly #spare: Uint8Array[] = [];
  /** Where the last read ended; NaN before the first. */
  #nextOffset = NaN;
  /** How many blocks are fetched ahead: twice as many each time a read continues the last. */
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

  /** Whether a read continues the last one, with no more than a small gap as disk images have them, or is long by itself. */
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

  /** Keeps a block that may be read again soon: not one that was read in order to its end. */
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

  /** Whether so many more blocks fit, after used ones were dropped. */
  #hasRoom(count: number): boolean {
    for (const [number, { wasUsed, isReady }] of this.#blocks) {
      if (this.#blocks.size + count <= this.#mostBlocks) break;
      if (wasUsed && isReady) this.#blocks.delete(number);
    }
    return this.#blocks.size + count <= this.#mostBlocks;
  }

  /** Fetches a block, and missing ones behind it, by one request. */
  #fetch(first: number, most: number): Block {
    this.#hasRoom(1);
    const blocks: Block[] = [];
    const last = Math.min(first + Math.min(most, blocksAtOnce), this.#endBlock);
    for (let number = first; number < last && !this.#blocks.has(number); number++) {
      const block = new Block(this.#memoryOf(this.#lengthOf(number)));
      this.#blocks.set(number, block);
      blocks.push(block);
    }
    const memories = blocks.map(({ bytes }) => bytes);
    const fetching = this.#file.fetch(first * blockBytes, memories, (index) =>
      blocks[index]!.onFull(),
    );
    fetching.catch((error: unknown) => {
      for (const [index, block] of blocks.entries()) {
        if (block.isReady) continue;
        if (this.#blocks.get(first + index) === block) this.#blocks.delete(first + index);
        block.fail(error);
      }
    });
    return blocks[0]!;
  }

  /** Spare memory may be filled at once: its last reader has copied it before the next bytes of the network arrive. */
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
