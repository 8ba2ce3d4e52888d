import type { Writable } from "node:stream";
import type { WritableStream } from "node:stream/web";
import { DiskError, untilAborted, type StreamSink } from "@img/transfer";
import { messageOf } from "./message-of.js";

/** A stream of bytes: a `Readable`, standard input, an async generator. */
export type ByteStream = AsyncIterable<Uint8Array>;

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
