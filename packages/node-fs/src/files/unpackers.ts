import type { Unpackers } from "@img/disk-formats";
import * as zlib from "node:zlib";

/** Of Node 22.15 and later. */
type ZstdDecompress = (
  frame: Uint8Array,
  options: { readonly maxOutputLength: number },
  done: (error: Error | null, unpacked: Uint8Array) => void,
) => void;

const { zstdDecompress } = zlib as { zstdDecompress?: ZstdDecompress };

/** Node's own zlib, whose threads unpack several blocks at once. What it lacks is the portable ones'. */
export function nodeUnpackers(portable: Unpackers): Unpackers {
  return { inflate, zstd: zstdDecompress === undefined ? portable.zstd : zstdWith(zstdDecompress) };
}

function inflate(packed: Uint8Array, mostBytes: number): Promise<Uint8Array> {
  // In one buffer of the block's own length, which is what a sound block needs.
  const options = { maxOutputLength: mostBytes, chunkSize: Math.max(mostBytes, 64) };
  return new Promise((resolve, reject) => {
    zlib.inflateRaw(packed, options, (error, unpacked) => {
      if (error === null) resolve(unpacked);
      else reject(error);
    });
  });
}

const zstdWith =
  (decompress: ZstdDecompress) =>
  (frame: Uint8Array, mostBytes: number): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      decompress(frame, { maxOutputLength: mostBytes }, (error, unpacked) => {
        if (error === null) resolve(unpacked);
        else reject(error);
      });
    });
