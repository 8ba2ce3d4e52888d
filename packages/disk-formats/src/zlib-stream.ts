import { Fields } from "./fields.js";

const headerBytes = 2;
const checksumBytes = 4;

/** Unpacks a zlib stream (RFC 1950) that ends where `packed` ends. Throws if its header or checksum is wrong. */
export function inflateZlib(
  packed: Uint8Array,
  mostBytes: number,
  inflate: (packed: Uint8Array, mostBytes: number) => Uint8Array,
): Uint8Array {
  if (packed.length < headerBytes + checksumBytes) throw new Error("it is cut off");
  const fields = new Fields(packed, "big");
  const header = fields.u16(0);
  // Deflate, no dictionary, and a valid header check.
  if ((header & 0x0f00) !== 0x0800 || (header & 0x20) !== 0 || header % 31 !== 0) {
    throw new Error("it is not a zlib stream");
  }
  const end = packed.length - checksumBytes;
  const unpacked = inflate(packed.subarray(headerBytes, end), mostBytes);
  if (adler32(unpacked) !== fields.u32(end)) throw new Error("its checksum is wrong");
  return unpacked;
}

const modulus = 65_521;
/** The number of bytes that can be added before the sums have to be reduced (RFC 1950, section 9). */
const stride = 5552;

function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (let start = 0; start < bytes.length; start += stride) {
    const end = Math.min(start + stride, bytes.length);
    for (let at = start; at < end; at += 1) {
      low += bytes[at]!;
      high += low;
    }
    low %= modulus;
    high %= modulus;
  }
  return high * 65_536 + low;
}
