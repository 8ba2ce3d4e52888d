import { crc32 } from "node:zlib";
import { NotDecoded, sound } from "../decode-faults.js";
import type { PackedBytes } from "../packed-bytes.js";
import { Numbers, u32 } from "./fields.js";
import { dictionaryBytesOf } from "./lzma2.js";

/** What an xz block says of itself. */
export interface BlockHeader {
  readonly dictionaryBytes: number;
  /** Of the block's data; null if it does not say. */
  readonly packedBytes: number | null;
  readonly unpackedBytes: number | null;
}

const lzma2Filter = 0x21;

/** @throws {Unsound | NotDecoded} The header is damaged, or the block is filtered by more than LZMA2. */
export async function readBlockHeader(packed: PackedBytes): Promise<BlockHeader> {
  const lengthBytes = ((await packed.peek(1))[0]! + 1) * 4;
  const header = await packed.exactly(lengthBytes);
  const end = lengthBytes - 4;
  sound(crc32(header.subarray(0, end)) === u32(header, end), "a block header's checksum is wrong");
  const flags = header[1]!;
  if ((flags & 0x3c) !== 0) throw new NotDecoded("it needs a newer version of xz");
  const numbers = new Numbers(header.subarray(0, end), 2);
  const packedBytes = (flags & 0x40) === 0 ? null : numbers.next();
  const unpackedBytes = (flags & 0x80) === 0 ? null : numbers.next();
  const filter = numbers.next();
  if ((flags & 3) !== 0 || filter !== lzma2Filter) {
    throw new NotDecoded("it was compressed with another filter than LZMA2");
  }
  sound(numbers.next() === 1, "a filter's properties have no known length");
  return { dictionaryBytes: dictionaryBytesOf(header[numbers.at]!), packedBytes, unpackedBytes };
}
