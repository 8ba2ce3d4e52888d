import type { Writable } from "node:stream";
import type { WritableStream } from "node:stream/web";
import {
  DiskError,
  untilAborted,
  SourceUnusableError,
  type StreamSink,
  type StreamSource,
} from "@img/transfer";
import { messageOf } from "./message-of.js";

/** A stream of bytes: a `Readable`, standard input, an async generator. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** A stream to be uploaded, which can be ended early. */
export interface OpenStream extends StreamSource {
  /** Idempotent. */
  close(): void;
}

/** @param label What messages call it. */
export function streamSource(bytes: ByteStream, label: string = "the stream"): OpenStream {
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
    throw new SourceUnusableError(`Could not read ${label}: ${messageOf(cause)}`, { cause });
  }
  throw new SourceUnusableError(`${label} gives something other than bytes.`);
}

/** The most bytes of one write. They are copied, since a reader of the stream may keep them. */
const sliceBytes = 1024 * 1024;

/** A stream that a download is written to. */
export interface OpenOutput extends StreamSink {
  /** Gives the stream back to its owner, who ends it. */
  close(): void;
}

/** @param label What messages call it. */
export function streamSink(
  out: Writable | WritableStream<Uint8Array>,
  label: string = "the stream",
): OpenOutput {
  // Not all that is written to as a Writable is an instance of it: the answer of an HTTP server is not.
  const { put, close } = "getWriter" in out ? toWebStream(out) : toWritable(out);
  return {
    label,
    async write(bytes, signal) {
      for (let at = 0; at < bytes.length; at += sliceBytes) {
        const slice = Uint8Array.prototype.slice.call(bytes, at, at + sliceBytes);
        const written = put(slice).catch((cause: unknown) => {
          throw new DiskError(`Could not write to ${label}: ${messageOf(cause)}`, { cause });
        });
        await untilAborted(written, signal);
      }
    },
    close,
  };
}

interface Output {
  readonly put: (slice: Uint8Array) => Promise<void>;
  readonly close: () => void;
}

function toWritable(out: Writable): Output {
  let failure: Error | null = null;
  const onError = (error: Error): void => void (failure ??= error);
  out.on("error", onError);
  return {
    put: (slice) =>
      new Promise((resolve, reject) => {
        if (failure !== null) reject(failure);
        else out.write(slice, (error) => (error ? reject(error) : resolve()));
      }),
    // Until then the listener also catches an error after the last write.
    close: () => void out.off("error", onError),
  };
}

function toWebStream(out: WritableStream<Uint8Array>): Output {
  const writer = out.getWriter();
  return { put: (slice) => writer.write(slice), close: () => writer.releaseLock() };
}
