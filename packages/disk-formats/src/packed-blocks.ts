import { DiskFormatError } from "./errors.js";
import { Fields } from "./fields.js";
import type { ImageFile } from "./image-file.js";
import type { PackedBlock } from "./pieces.js";
import { RecentBytes } from "./recent-bytes.js";
import type { Unpackers } from "./unpackers.js";
import { zstdFrame } from "./zstd-frame.js";

/**
 * The memory for unpacked blocks. A reader of part of a block soon reads the next part. Two of the largest
 * blocks, of 2 MiB, must fit.
 */
const mostBytes = 8 * 1024 * 1024;

/** Reads and unpacks compressed blocks, and keeps those that were only partly used. */
export class PackedBlocks {
  readonly #file: ImageFile;
  readonly #unpackers: Unpackers;
  readonly #recent = new RecentBytes(mostBytes);

  constructor(file: ImageFile, unpackers: Unpackers) {
    this.#file = file;
    this.#unpackers = unpackers;
  }

  async read(block: PackedBlock, keep: boolean, signal: AbortSignal): Promise<Uint8Array> {
    const kept = this.#recent.get(block.diskOffset);
    if (kept !== undefined) return kept;
    const lengthBytes = Math.min(block.packedBytes, this.#file.sizeBytes - block.at);
    const what = `the compressed block of disk offset ${block.diskOffset}`;
    const packed = await this.#file.bytes(what, block.at, lengthBytes, signal);
    const unpacked = await this.#unpack(block, packed, what);
    if (unpacked.length < block.leastBytes) {
      throw this.#file.damaged(`${what} unpacks to ${unpacked.length} bytes only`);
    }
    if (keep) this.#recent.set(block.diskOffset, unpacked);
    return unpacked;
  }

  async #unpack(block: PackedBlock, packed: Uint8Array, what: string): Promise<Uint8Array> {
    try {
      return await this.#unpackAs(block, packed);
    } catch (cause) {
      if (cause instanceof DiskFormatError) throw cause;
      throw this.#file.damaged(`${what} cannot be unpacked (${messageOf(cause)})`, cause);
    }
  }

  async #unpackAs(block: PackedBlock, packed: Uint8Array): Promise<Uint8Array> {
    const { packing, blockBytes } = block;
    switch (packing) {
      case "deflate":
        return this.#unpackers.inflate(packed, blockBytes);
      case "zstd":
        return this.#unpackers.zstd(zstdFrame(packed, blockBytes), blockBytes);
      case "grain":
        return this.#unpackers.zlib(grainData(block, packed), blockBytes);
    }
  }
}

const markerBytes = 12;

/** Returns the data of a VMDK grain: what follows its marker, which names its sector and length. */
function grainData(block: PackedBlock, packed: Uint8Array): Uint8Array {
  if (packed.length < markerBytes) throw new Error("its marker is cut off");
  const marker = new Fields(packed, "little");
  const sector = marker.u64(0);
  if (sector * 512 !== block.diskOffset) {
    throw new Error(`its marker says that it belongs to disk offset ${sector * 512}`);
  }
  const lengthBytes = marker.u32(8);
  if (lengthBytes > packed.length - markerBytes) {
    throw new Error(`it would be ${lengthBytes} bytes long`);
  }
  return packed.subarray(markerBytes, markerBytes + lengthBytes);
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
