import { Writable } from "node:stream";
import type { WritableStream } from "node:stream/web";
import {
  DiskError,
  untilAborted,
  SourceUnusableError,
  type StreamSink,
  type StreamSource,
} from "@img/transfer";
import { messageOf } from "./message-of.js";

/** What can be read as a stream: a `Readable`, standard input, an async generator. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** A stream to be uploaded, and how to end it early. */
export interface OpenStream extends StreamSource {
  /** Idempotent. */
  close(): void;
}

/** @param label What messages call it. */
export function streamSource(bytes: ByteStream, label: string = "the stream"): OpenStream {
  return new ReadableSource(bytes, label);
}

class ReadableSource implements OpenStream {
  readonly label: string;
  readonly #bytes: AsyncIterator<Uint8Array>;
  /** Bytes that were read and did not fit. */
  #rest: Uint8Array = new Uint8Array();

  constructor(bytes: ByteStream, label: string) {
    this.label = label;
    this.#bytes = bytes[Symbol.asyncIterator]();
  }

  async read(into: Uint8Array, signal: AbortSignal): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      if (this.#rest.length === 0) {
        const next = await untilAborted(this.#next(), signal);
        if (next === null) break;
        this.#rest = next;
      }
      const piece = this.#rest.subarray(0, into.length - filled);
      into.set(piece, filled);
      filled += piece.length;
      this.#rest = this.#rest.subarray(piece.length);
    }
    return filled;
  }

  close(): void {
    // Not awaited: an async generator's `return` waits for its `next`, which may never come.
    this.#bytes.return?.().catch(() => undefined);
  }

  async #next(): Promise<Uint8Array | null> {
    try {
      const next = await this.#bytes.next();
      const { done, value } = next as IteratorResult<Uint8Array, unknown>;
      if (done === true) return null;
      if (value instanceof Uint8Array) return value;
    } catch (cause) {
      throw new SourceUnusableError(`Could not read ${this.label}: ${messageOf(cause)}`, { cause });
    }
    throw new SourceUnusableError(`${this.label} gives something other than bytes.`);
  }
}

/** The most bytes that are written at once. They are copied, since a reader of the stream may keep them. */
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
  const { put, close } = out instanceof Writable ? toWritable(out) : toWebStream(out);
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
