const polynomial = 0x82f6_3b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ polynomial;
  }
  return value;
});

/**
 * Computes the CRC-32C (Castagnoli) of a structure. Its own checksum, 4 bytes at `checksumAt`, counts as zeros.
 */
export function crc32c(bytes: Uint8Array, checksumAt: number): number {
  let crc = 0xffff_ffff;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = at >= checksumAt && at < checksumAt + 4 ? 0 : bytes[at]!;
    crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
