import type { Unpack, Unpackers } from "@img/disk-formats";
import * as zlib from "node:zlib";

interface Limits {
  readonly maxOutputLength: number;
  readonly chunkSize: number;
}
type Decompress = (
  packed: Uint8Array,
  limits: Limits,
  done: (error: Error | null, unpacked: Uint8Array) => void,
) => void;
type DecompressSync = (packed: Uint8Array, limits: Limits) => Uint8Array;

/** Of Node 22.15 and later. */
const { zstdDecompress, zstdDecompressSync } = zlib as {
  zstdDecompress?: Decompress;
  zstdDecompressSync?: DecompressSync;
};

/**
 * Unpackers of Node's own zlib, whose threads unpack several blocks at the same time. Formats that it lacks use
 * the portable ones.
 */
export const nodeUnpackers = (portable: Unpackers): Unpackers => ({
  inflate: unpackedBy(zlib.inflateRaw),
  zlib: unpackedBy(zlib.inflate),
  zstd: zstdDecompress === undefined ? portable.zstd : unpackedBy(zstdDecompress),
});

/** The same, in the calling thread: for a thread that has nothing else to do. */
export const nodeUnpackersHere = (portable: Unpackers): Unpackers => ({
  inflate: unpackedHereBy(zlib.inflateRawSync),
  zlib: unpackedHereBy(zlib.inflateSync),
  zstd: zstdDecompressSync === undefined ? portable.zstd : unpackedHereBy(zstdDecompressSync),
});

/** Limits the output to one buffer of the block's length, which a valid block does not exceed. */
const limitsOf = (mostBytes: number): Limits => ({
  maxOutputLength: mostBytes,
  chunkSize: Math.max(mostBytes, 64),
});

const unpackedBy =
  (decompress: Decompress): Unpack =>
  (packed, mostBytes) =>
    new Promise((resolve, reject) => {
      decompress(packed, limitsOf(mostBytes), (error, unpacked) => {
        if (error === null) resolve(unpacked);
        else reject(error);
      });
    });

const unpackedHereBy =
  (decompress: DecompressSync): Unpack =>
  (packed, mostBytes) =>
    decompress(packed, limitsOf(mostBytes));
