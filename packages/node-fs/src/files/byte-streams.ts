import type { Writable } from "node:stream";
import {
  DiskError,
  untilAborted,
  SourceUnusableError,
  type JournalStore,
  type StreamSink,
  type StreamSource,
} from "@img/transfer";

/** What can be read as a stream: a `Readable`, standard input, an async generator. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** A stream to be uploaded, and how to end it early. */
export interface OpenStream extends StreamSource {
  /** Idempotent. */
  close(): void;
}

/** @param label What a person calls it. */
export function streamSource(bytes: ByteStream, label: string): OpenStream {
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
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new SourceUnusableError(`Could not read ${this.label}: ${why}`, { cause });
    }
    throw new SourceUnusableError(`${this.label} gives something else than bytes.`);
  }
}

/** No journals: a transfer of a stream cannot be resumed. */
export const noJournals: JournalStore = {
  open: () => Promise.reject(new Error("bug: a stream has no journal")),
  list: async () => [],
};

/** The most bytes that are written at once. They are copied, since a reader of the stream may keep them. */
const sliceBytes = 1024 * 1024;

/** @param label What a person calls it. */
export function streamSink(out: Writable, label: string): StreamSink & { close(): void } {
  let failure: Error | null = null;
  const onError = (error: Error): void => void (failure ??= error);
  out.on("error", onError);
  const put = (slice: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      const failed = (cause: Error): void =>
        reject(new DiskError(`Could not write to ${label}: ${cause.message}`, { cause }));
      if (failure !== null) failed(failure);
      else out.write(slice, (error) => (error ? failed(error) : resolve()));
    });
  return {
    label,
    async write(bytes, signal) {
      for (let at = 0; at < bytes.length; at += sliceBytes) {
        const slice = Uint8Array.prototype.slice.call(bytes, at, at + sliceBytes);
        await untilAborted(put(slice), signal);
      }
    },
    // Until then the listener also catches an error after the last write.
    close: () => void out.off("error", onError),
  };
}
