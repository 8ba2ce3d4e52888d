import { checkWindow, cutOff, NotDecoded, sound } from "../decode-faults.js";
import type { PackedBytes } from "../packed-bytes.js";

const frameMagic = 0xfd2fb528;
/** And fifteen more that end in another digit. */
const skippableMagic = 0x184d2a50;

/** A piece of a Zstandard frame: its header, one of its blocks, or its checksum. */
export interface FramePiece {
  readonly bytes: Uint8Array;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/**
 * Cuts a Zstandard file into the pieces of its frames, without what may be skipped. Only headers are read: a file that is
 * cut off is told from one that is damaged, and no frame gets more memory than there may be.
 *
 * @see RFC 8878, section 3.1
 */
export async function* zstdPieces(packed: PackedBytes): AsyncGenerator<FramePiece> {
  for (;;) {
    const magic = await packed.peek(4);
    if (magic.length === 0) return;
    if (magic.length < 4) throw cutOff();
    const number = u32(magic);
    if ((number & 0xfffffff0) >>> 0 === skippableMagic) await skip(packed);
    else {
      sound(number === frameMagic, "there is no Zstandard frame");
      yield* framePieces(packed);
    }
  }
}

async function skip(packed: PackedBytes): Promise<void> {
  let left = u32((await packed.exactly(8)).subarray(4));
  while (left > 0) left -= (await packed.exactly(Math.min(left, 65_536))).length;
}

async function* framePieces(packed: PackedBytes): AsyncGenerator<FramePiece> {
  const head = await packed.peek(18);
  const headBytes = headerBytes(head);
  const hasChecksum = (head[4]! & 4) !== 0;
  yield { bytes: await packed.exactly(headBytes), isFirst: true, isLast: false };
  for (;;) {
    const header = await packed.peek(3);
    const fields = (header[0] ?? 0) | ((header[1] ?? 0) << 8) | ((header[2] ?? 0) << 16);
    const isRepeatedByte = ((fields >> 1) & 3) === 1;
    const bytes = await packed.exactly(3 + (isRepeatedByte ? 1 : fields >> 3));
    const isLast = (fields & 1) === 1;
    yield { bytes, isFirst: false, isLast: isLast && !hasChecksum };
    if (!isLast) continue;
    if (hasChecksum) yield { bytes: await packed.exactly(4), isFirst: false, isLast: true };
    return;
  }
}

/** How long a frame's header is. @throws {NotDecoded} It needs a dictionary, or a window that is too large. */
function headerBytes(head: Uint8Array): number {
  const descriptor = head[4] ?? 0;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if ((descriptor & 3) !== 0) throw new NotDecoded("it needs a dictionary");
  sound((descriptor & 8) === 0, "a frame's header has a bit that is not used");
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const sizeAt = isSingleSegment ? 5 : 6;
  if (isSingleSegment) checkWindow(contentBytes(head, sizeAt, sizeBytes));
  else checkWindow(windowBytes(head[5] ?? 0));
  return sizeAt + sizeBytes;
}

function windowBytes(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentBytes(head: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let n = length - 1; n >= 0; n--) value = value * 256 + (head[at + n] ?? 0);
  return value + (length === 2 ? 256 : 0);
}

const u32 = (bytes: Uint8Array): number =>
  (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
