// No import: it is part of what a page loads before it knows that a file is a disk image at all.

export const footerBytes = 512;
const cookie = "conectix";

/** Whether these 512 bytes are a footer with a valid checksum. */
export function isFooter(bytes: Uint8Array): boolean {
  const { buffer, byteOffset } = bytes;
  return (
    bytes.length === footerBytes &&
    String.fromCharCode(...bytes.subarray(0, cookie.length)) === cookie &&
    new DataView(buffer, byteOffset).getUint32(64) === checksumOf(bytes, 64)
  );
}

/** Returns the complement of the sum of all bytes except the four of the checksum. */
export function checksumOf(bytes: Uint8Array, checksumAt: number): number {
  const all = bytes.reduce((sum, byte) => sum + byte, 0);
  const own = bytes.subarray(checksumAt, checksumAt + 4).reduce((sum, byte) => sum + byte, 0);
  return ~(all - own) >>> 0;
}
