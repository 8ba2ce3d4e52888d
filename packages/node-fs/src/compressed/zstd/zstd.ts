import * as zlib from "node:zlib";
import type { Transform } from "node:stream";
import type { PackedBytes } from "../packed-bytes.js";
import { transformed } from "../transformed.js";
import { FrameDecoder } from "./frame-decoder.js";
import { zstdPieces, type FramePiece } from "./zstd-frames.js";

type CreateDecoder = (options: { readonly chunkSize: number }) => Transform;

/** Of Node 22.15 and later. */
const { createZstdDecompress } = zlib as { createZstdDecompress?: CreateDecoder };

/** Of what is unpacked at once: larger pieces cost fewer ways to zlib's thread and back. */
const pieceBytes = 512 * 1024;

/** Decodes a Zstandard file: frames in a row. */
export const decodeZstd = (packed: PackedBytes): AsyncGenerator<Uint8Array> =>
  createZstdDecompress === undefined
    ? decodeByWasm(packed)
    : decodeByNode(packed, createZstdDecompress);

/** Each frame by a decoder of its own, since Node's ends with the first frame. */
export async function* decodeByNode(
  packed: PackedBytes,
  create: CreateDecoder,
): AsyncGenerator<Uint8Array> {
  const pieces = zstdPieces(packed);
  for (let first = await next(pieces); first !== null; first = await next(pieces)) {
    const begin = first.bytes;
    const feed = async (write: (bytes: Uint8Array) => Promise<void>): Promise<void> => {
      await write(begin);
      for (let isLast = false; !isLast;) {
        const piece = await next(pieces);
        isLast = piece?.isLast ?? true;
        if (piece !== null) await write(piece.bytes);
      }
    };
    yield* transformed(create({ chunkSize: pieceBytes }), feed);
  }
}

/** By Zstandard as WebAssembly, in the calling thread. */
export async function* decodeByWasm(packed: PackedBytes): AsyncGenerator<Uint8Array> {
  let decoder: FrameDecoder | null = null;
  for await (const piece of zstdPieces(packed)) {
    decoder ??= await FrameDecoder.load();
    yield* decoder.decode(piece.bytes, piece.isLast);
    if (piece.isLast) decoder = null;
  }
}

const next = async (pieces: AsyncGenerator<FramePiece>): Promise<FramePiece | null> => {
  const piece: IteratorResult<FramePiece, unknown> = await pieces.next();
  return piece.done === true ? null : piece.value;
};
