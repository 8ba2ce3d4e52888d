import type { Transform } from "node:stream";

/**
 * What one of Node's decoders makes of its input. The decoder is destroyed at the end.
 *
 * @param feed Writes all of the input by `write`, which resolves when the decoder has taken the bytes.
 */
export async function* transformed(
  decoder: Transform,
  feed: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const write = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      decoder.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  const fed = feed(write).then(
    () => void decoder.end(),
    (error: unknown) => void decoder.destroy(error as Error),
  );
  try {
    yield* decoder as AsyncIterable<Uint8Array>;
    await fed;
  } finally {
    decoder.destroy();
  }
}
