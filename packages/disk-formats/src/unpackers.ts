import { Inflate } from "fflate";
import type { ZSTDDecoder } from "zstddec";
import { FormatUnsupportedError } from "./errors.js";
import { inflateZlib } from "./zlib-stream.js";

/**
 * Unpacks compressed blocks. An adapter passes the platform's own functions, which are several times as fast.
 * All reject if the data is damaged. None holds more than `mostBytes` of output, however much there would be:
 * more is an error, or is cut off.
 */
export interface Unpackers {
  /** Unpacks raw DEFLATE (RFC 1951). Bytes after the end of the stream are ignored. */
  readonly inflate: Unpack;
  /** Unpacks one zlib stream (RFC 1950) without bytes after it, and checks its checksum. */
  readonly zlib: Unpack;
  /** Unpacks one Zstandard frame (RFC 8878) without bytes after it. */
  readonly zstd: Unpack;
}

/** Unpacks one block, to at most this many bytes. */
export type Unpack = (packed: Uint8Array, mostBytes: number) => Uint8Array | Promise<Uint8Array>;

/**
 * Unpacks on every platform, in the calling thread. The Zstandard decoder is loaded when it is first needed.
 */
export const portableUnpackers: Unpackers = {
  inflate,
  zlib: (packed, mostBytes) => inflateZlib(packed, mostBytes, inflate),
  zstd,
};

/**
 * The input that is passed on at once. DEFLATE makes at most 1032 bytes of one, which bounds the cost of a
 * forged block.
 */
const pushBytes = 32 * 1024;

function inflate(packed: Uint8Array, mostBytes: number): Uint8Array {
  const unpacked = new Uint8Array(mostBytes);
  let done = 0;
  const stream = new Inflate((bytes) => {
    const fitting = bytes.subarray(0, mostBytes - done);
    unpacked.set(fitting, done);
    done += fitting.length;
  });
  for (let at = 0; at < packed.length && done < mostBytes; at += pushBytes) {
    stream.push(packed.subarray(at, at + pushBytes), at + pushBytes >= packed.length);
  }
  return unpacked.subarray(0, done);
}

async function zstd(frame: Uint8Array, mostBytes: number): Promise<Uint8Array> {
  const decoder = await zstdDecoder();
  const unpacked = decoder.decode(frame, mostBytes);
  // The library returns nothing for an error, and for an empty frame, which no disk has as a block.
  if (unpacked.length === 0) throw new Error("it is not a valid zstd frame");
  return unpacked;
}

async function zstdDecoder(): Promise<ZSTDDecoder> {
  try {
    const { ZSTDDecoder: Decoder } = await import("zstddec");
    const decoder = new Decoder();
    await decoder.init();
    return decoder;
  } catch (cause) {
    throw new FormatUnsupportedError(
      "qcow2",
      `is compressed by zstd, and what unpacks that cannot be loaded (${String(cause)})`,
      "In a page, its Content-Security-Policy has to allow script-src 'wasm-unsafe-eval' and connect-src data:.",
    );
  }
}
