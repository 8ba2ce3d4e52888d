const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/**
 * CRC-32 (ISO 3309, as in gzip) of `bytes`, an unsigned 32-bit number. For a few hundred bytes at a
 * time; a platform brings a faster one for parts.
 *
 * @param seed The CRC-32 of what came before, so that `crc32(b, crc32(a))` is that of `a` and then `b`.
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 0xff]!;
  return ~crc >>> 0;
}
