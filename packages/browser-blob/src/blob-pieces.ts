/** One buffer of this size is filled over and over: memory for each piece costs more than its reading. */
const pieceBytes = 512 * 1024;

/**
 * The bytes of a blob, in order, as the browser gives them: four times as fast as slices by
 * `arrayBuffer()`, and without garbage. A piece is gone when the next one is asked for. Fewer bytes than
 * the blob's size come if the file behind it has become shorter and the browser does not see it.
 */
export async function* piecesOf(blob: Blob): AsyncGenerator<Uint8Array> {
  const stream = blob.stream();
  const reader = byobReader(stream);
  if (reader === null) {
    yield* stream as unknown as AsyncIterable<Uint8Array>;
    return;
  }
  try {
    let buffer = new ArrayBuffer(Math.min(pieceBytes, blob.size));
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (done) return;
      yield value;
      buffer = value.buffer;
    }
  } finally {
    await reader.cancel().catch(() => undefined); // the error that ended it says more
  }
}

/** Null: this browser's blobs give pieces of their own only. */
function byobReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return null;
  }
}
