import { unreadable } from "./image-worker-protocol.js";

/** One buffer of this size is filled over and over: memory for each piece costs more than its reading. */
const pieceBytes = 512 * 1024;

/**
 * Reads a blob in order, piece by piece, as the browser streams it: four times as fast as slices by
 * `arrayBuffer()`, and without garbage. A piece is overwritten when the next one is asked for. The pieces
 * are shorter than the blob if the browser does not see that the file behind it was shortened.
 *
 * @throws {DOMException} `NotReadableError`: the file was changed, moved or deleted.
 */
export async function* piecesOf(blob: Blob): AsyncGenerator<Uint8Array> {
  const { next, cancel } = reading(blob);
  try {
    for (;;) {
      const piece = await next().catch((cause: unknown) => whyUnreadable(blob, cause));
      if (piece === undefined) return;
      yield piece;
    }
  } finally {
    await cancel().catch(() => undefined); // the error that ended it says more
  }
}

interface Reading {
  /** Undefined at the end. */
  readonly next: () => Promise<Uint8Array | undefined>;
  readonly cancel: () => Promise<void>;
}

function reading(blob: Blob): Reading {
  const stream = blob.stream();
  const byob = byobReader(stream);
  if (byob === null) {
    const reader = stream.getReader();
    return { next: async () => (await reader.read()).value, cancel: () => reader.cancel() };
  }
  let buffer = new ArrayBuffer(Math.min(pieceBytes, blob.size));
  const next = async (): Promise<Uint8Array | undefined> => {
    const { done, value } = await byob.read(new Uint8Array(buffer));
    if (done) return undefined;
    buffer = value.buffer;
    return value;
  };
  return { next, cancel: () => byob.cancel() };
}

/** Null where blobs give pieces of their own only: Safari before 26.4. */
function byobReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return null;
  }
}

/**
 * The stream of a file that changed fails with a TypeError in Chromium and in Firefox, as a mistake of
 * ours would. A FileReader says why.
 */
async function whyUnreadable(blob: Blob, cause: unknown): Promise<never> {
  const error = await new Promise<DOMException | null>((resolve) => {
    const reader = new FileReader();
    reader.onloadend = () => resolve(reader.error);
    reader.readAsArrayBuffer(blob.slice(-1));
  });
  throw error === null ? cause : new DOMException(error.message, unreadable);
}
