import { Fields } from "./fields.js";

const magic = 0xfd2fb528;
const blockHeaderBytes = 3;
const checksumBytes = 4;

/**
 * Returns the frame (RFC 8878, section 3.1.1) at the beginning of `bytes`, without what follows it. Only the
 * headers of its blocks are read.
 *
 * @throws It is cut off, needs a dictionary, or unpacks to anything but `contentBytes`.
 */
export function zstdFrame(bytes: Uint8Array, contentBytes: number): Uint8Array {
  // The longest header. Bytes beyond the end read as zeros; the checks below find that they are missing.
  const head = new Uint8Array(18);
  head.set(bytes.subarray(0, head.length));
  const fields = new Fields(head, "little");
  if (fields.u32(0) !== magic) throw new Error("it is not a zstd frame");
  const descriptor = fields.u8(4);
  if ((descriptor & 0b11) !== 0) throw new Error("it needs a dictionary");
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeAt = isSingleSegment ? 5 : 6;
  const { saidBytes, fieldBytes } = contentSize(fields, descriptor >> 6, sizeAt, isSingleSegment);
  if (saidBytes !== null && saidBytes !== contentBytes) {
    throw new Error(`it is said to unpack to ${saidBytes} bytes`);
  }
  const blocksEnd = endOfBlocks(bytes, sizeAt + fieldBytes);
  const end = blocksEnd + ((descriptor & 0b100) === 0 ? 0 : checksumBytes);
  if (end > bytes.length) throw new Error("it is cut off");
  return bytes.subarray(0, end);
}

function contentSize(
  fields: Fields,
  flag: number,
  at: number,
  isSingleSegment: boolean,
): { saidBytes: number | null; fieldBytes: number } {
  switch (flag) {
    case 0:
      return isSingleSegment
        ? { saidBytes: fields.u8(at), fieldBytes: 1 }
        : { saidBytes: null, fieldBytes: 0 };
    case 1:
      return { saidBytes: fields.u16(at) + 256, fieldBytes: 2 };
    case 2:
      return { saidBytes: fields.u32(at), fieldBytes: 4 };
    default:
      return { saidBytes: fields.u64(at), fieldBytes: 8 };
  }
}

function endOfBlocks(bytes: Uint8Array, start: number): number {
  for (let at = start; at + blockHeaderBytes <= bytes.length;) {
    const header = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    const isRepeatedByte = ((header >> 1) & 0b11) === 1;
    at += blockHeaderBytes + (isRepeatedByte ? 1 : header >> 3);
    if ((header & 1) === 1) return at;
  }
  throw new Error("it is cut off");
}
