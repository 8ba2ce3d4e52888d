const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/**
 * Computes the CRC-32 (ISO 3309, as in gzip) of `bytes`, an unsigned 32-bit number. It is meant for a few
 * hundred bytes; for parts, a platform has a faster one.
 *
 * @param seed The CRC-32 of the bytes before, so that `crc32(b, crc32(a))` is that of `a` followed by `b`.
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 0xff]!;
  return ~crc >>> 0;
}
