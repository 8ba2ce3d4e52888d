import type { Unpack, Unpackers } from "@img/disk-formats";
import * as zlib from "node:zlib";

type Decompress = (
  packed: Uint8Array,
  options: { readonly maxOutputLength: number; readonly chunkSize: number },
  done: (error: Error | null, unpacked: Uint8Array) => void,
) => void;

/** Of Node 22.15 and later. */
const { zstdDecompress } = zlib as { zstdDecompress?: Decompress };

/** Node's own zlib, whose threads unpack several blocks at once. What it lacks is the portable ones'. */
export const nodeUnpackers = (portable: Unpackers): Unpackers => ({
  inflate: unpackedBy(zlib.inflateRaw),
  zlib: unpackedBy(zlib.inflate),
  zstd: zstdDecompress === undefined ? portable.zstd : unpackedBy(zstdDecompress),
});

const unpackedBy =
  (decompress: Decompress): Unpack =>
  (packed, mostBytes) => {
    // In one buffer of the block's own length, which is what a sound block needs.
    const options = { maxOutputLength: mostBytes, chunkSize: Math.max(mostBytes, 64) };
    return new Promise((resolve, reject) => {
      decompress(packed, options, (error, unpacked) => {
        if (error === null) resolve(unpacked);
        else reject(error);
      });
    });
  };
