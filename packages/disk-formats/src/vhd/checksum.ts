import { Fields } from "../fields.js";

export const footerBytes = 512;
const cookie = "conectix";

/** Whether these 512 bytes are a footer with a valid checksum. */
export function isFooter(bytes: Uint8Array): boolean {
  const fields = new Fields(bytes, "big");
  return (
    bytes.length === footerBytes &&
    fields.text(0, cookie.length) === cookie &&
    fields.u32(64) === checksumOf(bytes, 64)
  );
}

/** Returns the complement of the sum of all bytes except the four of the checksum. */
export function checksumOf(bytes: Uint8Array, checksumAt: number): number {
  const all = bytes.reduce((sum, byte) => sum + byte, 0);
  const own = bytes.subarray(checksumAt, checksumAt + 4).reduce((sum, byte) => sum + byte, 0);
  return ~(all - own) >>> 0;
}
