import { crc32 } from "node:zlib";
import { sound } from "../decode-faults.js";
import type { PackedBytes } from "../packed-bytes.js";
import { blockCheck, checkBytes } from "./block-check.js";
import { isSame, isZeros, Numbers, u32 } from "./fields.js";
import { Lzma2, lzma2Window } from "./lzma2.js";
import type { LzmaWindow } from "./lzma-window.js";
import { readBlockHeader, type BlockHeader } from "./xz-block.js";

const magic = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0);

/**
 * Decodes an xz file: streams in a row. Each piece is overwritten when the next is asked for.
 *
 * @see https://tukaani.org/xz/xz-file-format.txt
 */
export async function* decodeXz(packed: PackedBytes): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield* new XzStream(packed).decode();
    while ((await packed.peek(1))[0] === 0) {
      sound(isZeros(await packed.exactly(4)), "what follows a stream is not another one");
    }
    if ((await packed.peek(1)).length === 0) return;
  }
}

/** One stream: its header, blocks, index and footer. */
class XzStream {
  readonly #packed: PackedBytes;
  #checkId = 0;
  /** Of all blocks, which the index has to tell, too. */
  readonly #blocks = { count: 0, packedBytes: 0, unpackedBytes: 0 };
  #window: { readonly dictionaryBytes: number; readonly window: LzmaWindow } | null = null;

  constructor(packed: PackedBytes) {
    this.#packed = packed;
  }

  async *decode(): AsyncGenerator<Uint8Array> {
    const packed = this.#packed;
    const header = await packed.exactly(12);
    sound(isSame(header.subarray(0, 6), magic), "there is no xz stream");
    const flags = header.slice(6, 8);
    sound(crc32(flags) === u32(header, 8), "the checksum of a stream's header is wrong");
    this.#checkId = flags[1]!;
    checkBytes(this.#checkId);
    for (;;) {
      const [first] = await packed.peek(1);
      if (first === 0) break;
      yield* this.#decodeBlock(first === undefined);
    }
    const indexBytes = await this.#readIndex();
    const footer = await packed.exactly(12);
    sound(crc32(footer.subarray(4, 10)) === u32(footer, 0), "a footer's checksum is wrong");
    const end = Uint8Array.of(...flags, 0x59, 0x5a);
    const isWhole = isSame(footer.subarray(8), end) && (u32(footer, 4) + 1) * 4 === indexBytes;
    sound(isWhole, "a stream's footer is not that of its header and index");
  }

  async *#decodeBlock(isMissing: boolean): AsyncGenerator<Uint8Array> {
    const packed = this.#packed;
    if (isMissing) await packed.exactly(1);
    const from = packed.position;
    const header = await readBlockHeader(packed);
    const dataFrom = packed.position;
    const check = blockCheck(this.#checkId);
    let unpackedBytes = 0;
    for await (const piece of new Lzma2(packed, this.#windowFor(header)).decode()) {
      check.update(piece);
      unpackedBytes += piece.length;
      yield piece;
    }
    const packedBytes = packed.position - dataFrom;
    sound(isAsSaid(header, packedBytes, unpackedBytes), "a block is not as long as it says");
    const checkLength = checkBytes(this.#checkId);
    this.#blocks.count++;
    this.#blocks.packedBytes += packed.position - from + checkLength;
    this.#blocks.unpackedBytes += unpackedBytes;
    await paddingAfter(packed, packedBytes, "a block's padding is not zero");
    const stored = await packed.exactly(checkLength);
    sound(isSame(stored, check.digest()), "a block's checksum is wrong");
  }

  /** Blocks mostly have the same dictionary. */
  #windowFor({ dictionaryBytes }: BlockHeader): LzmaWindow {
    if (this.#window?.dictionaryBytes !== dictionaryBytes) {
      this.#window = null;
      this.#window = { dictionaryBytes, window: lzma2Window(dictionaryBytes) };
    }
    return this.#window.window;
  }

  /** @returns Its length. */
  async #readIndex(): Promise<number> {
    const from = this.#packed.position;
    await this.#packed.exactly(1);
    const index = new IndexReader(this.#packed);
    const count = await index.number();
    const told = { count, packedBytes: 0, unpackedBytes: 0 };
    for (let record = 0; record < count; record++) {
      told.packedBytes += await index.number();
      told.unpackedBytes += await index.number();
      sound(told.packedBytes <= this.#blocks.packedBytes, "the index lists more than there is");
    }
    const { count: blocks, packedBytes, unpackedBytes } = this.#blocks;
    const isWhole =
      blocks === count && packedBytes === told.packedBytes && unpackedBytes === told.unpackedBytes;
    sound(isWhole, "the index lists other blocks");
    await index.end(this.#packed.position - from);
    return this.#packed.position - from;
  }
}

/** Reads the zeros that fill up to a multiple of 4 bytes. @throws {Unsound} They are none. */
async function paddingAfter(
  packed: PackedBytes,
  bytes: number,
  otherwise: string,
): Promise<Uint8Array> {
  const padding = await packed.exactly((4 - (bytes % 4)) % 4);
  sound(isZeros(padding), otherwise);
  return padding;
}

const isAsSaid = (header: BlockHeader, packedBytes: number, unpackedBytes: number): boolean =>
  (header.packedBytes ?? packedBytes) === packedBytes &&
  (header.unpackedBytes ?? unpackedBytes) === unpackedBytes;

/** Reads the numbers of an index, and its checksum. */
class IndexReader {
  readonly #packed: PackedBytes;
  #crc = crc32(Uint8Array.of(0));

  constructor(packed: PackedBytes) {
    this.#packed = packed;
  }

  async number(): Promise<number> {
    const bytes = await this.#packed.peek(9);
    const numbers = new Numbers(bytes, 0);
    const value = numbers.next();
    this.#crc = crc32(await this.#packed.exactly(numbers.at), this.#crc);
    return value;
  }

  /** @param readBytes Of the index, so far. */
  async end(readBytes: number): Promise<void> {
    const padding = await paddingAfter(this.#packed, readBytes, "the index's padding is not zero");
    const stored = await this.#packed.exactly(4);
    sound(u32(stored, 0) === crc32(padding, this.#crc), "the index's checksum is wrong");
  }
}
