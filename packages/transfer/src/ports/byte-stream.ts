import { SourceUnusableError } from "../errors.js";
import { untilAborted } from "../promises/kept.js";
import type { StreamSource } from "./source.js";

/** A stream to be uploaded, which can be ended early. */
export interface OpenStream extends StreamSource {
  /** Idempotent. */
  close(): void;
}

/**
 * Reads what an async iterable gives as the stream of an upload.
 *
 * @param label What messages call it.
 */
export function streamSource(
  bytes: AsyncIterable<Uint8Array>,
  label: string = "the stream",
): OpenStream {
  const pieces = bytes[Symbol.asyncIterator]();
  /** Bytes that were read and did not fit. */
  let rest: Uint8Array = new Uint8Array();
  return {
    label,
    async read(into, signal) {
      let filled = 0;
      while (filled < into.length) {
        if (rest.length === 0) {
          const next = await untilAborted(nextOf(pieces, label), signal);
          if (next === null) break;
          rest = next;
        }
        const piece = rest.subarray(0, into.length - filled);
        into.set(piece, filled);
        filled += piece.length;
        rest = rest.subarray(piece.length);
      }
      return filled;
    },
    // Not awaited: an async generator's `return` waits for its `next`, which may never come.
    close() {
      pieces.return?.().catch(() => undefined);
    },
  };
}

async function nextOf(
  pieces: AsyncIterator<Uint8Array>,
  label: string,
): Promise<Uint8Array | null> {
  try {
    const { done, value } = (await pieces.next()) as IteratorResult<Uint8Array, unknown>;
    if (done === true) return null;
    if (value instanceof Uint8Array) return value;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SourceUnusableError(`Could not read ${label}: ${why}`, { cause });
  }
  throw new SourceUnusableError(`${label} gives something other than bytes.`);
}
