import type { Transform } from "node:stream";
import { cutOff, Unsound } from "./decode-faults.js";

/**
 * What one of Node's decoders makes of its input. The decoder is destroyed at the end.
 *
 * @param feed Writes all of the input by `write`, which resolves when the decoder has taken the bytes.
 * @throws {Unsound} The input is damaged.
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
  } catch (error) {
    throw faultOf(error);
  } finally {
    decoder.destroy();
  }
}

/** Codes of zlib's errors begin with `Z_`, those of Zstandard with `ZSTD_`. */
function faultOf(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message: string };
  if (code === "Z_BUF_ERROR") return cutOff();
  return typeof code === "string" && /^Z(STD)?_/.test(code) ? new Unsound(message) : error;
}
