import type { ByteRange } from "../http/byte-range.js";
import { type FileSystem, type OpenFile, readFully } from "@img/files";
import type { ImageFolder } from "./image-folder.js";
import type { Manifest, StoredPart } from "./manifest.js";

/** The size of a buffer. A download holds two. */
const READ_BYTES = 256 * 1024;

interface Slice {
  readonly part: StoredPart;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Yields the bytes of a range, across the part files. A slice is overwritten once the next one is requested:
 * the next is read while the last one is sent.
 */
export async function* readRange(
  fs: FileSystem,
  folder: ImageFolder,
  manifest: Manifest,
  range: ByteRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  const bufferBytes = Math.min(READ_BYTES, range.to + 1 - range.from);
  const buffers = [Buffer.allocUnsafeSlow(bufferBytes), Buffer.allocUnsafeSlow(bufferBytes)];
  for (const slice of slicesOf(manifest, range)) yield* readSlice(fs, folder, slice, buffers);
}

/** Finds the part files, and their bytes, that make up a range. */
function slicesOf(manifest: Manifest, range: ByteRange): readonly Slice[] {
  let start = 0;
  return manifest.flatMap((part) => {
    const from = Math.max(range.from, start);
    const end = Math.min(range.to + 1, start + part.bytes);
    const slice = { part, offset: from - start, bytes: end - from };
    start += part.bytes;
    return slice.bytes > 0 ? [slice] : [];
  });
}

async function* readSlice(
  fs: FileSystem,
  folder: ImageFolder,
  slice: Slice,
  buffers: readonly Uint8Array[],
) {
  const file = await fs.open(folder.partPath(slice.part), "read");
  let reading = Promise.resolve<Uint8Array>(new Uint8Array(0));
  try {
    const readAt = (done: number) =>
      readPiece(file, buffers[Math.floor(done / READ_BYTES) % 2]!, slice, done);
    reading = readAt(0);
    for (let done = 0; done < slice.bytes; done += READ_BYTES) {
      const bytes = await reading;
      const next = done + READ_BYTES;
      if (next < slice.bytes) reading = readAt(next);
      reading.catch(() => undefined);
      yield bytes;
    }
  } finally {
    await reading.catch(() => undefined);
    await file.close();
  }
}

async function readPiece(
  file: OpenFile,
  buffer: Uint8Array,
  slice: Slice,
  done: number,
): Promise<Uint8Array> {
  const wanted = buffer.subarray(0, Math.min(buffer.length, slice.bytes - done));
  if ((await readFully(file, wanted, slice.offset + done)) === wanted.length) return wanted;
  throw new Error(`Part ${slice.part.number} is shorter on disk than when it was uploaded`);
}
