import type { Identity, Source } from "@img/transfer";
import { piecesOf } from "./blob-pieces.js";
import { ImageWorker } from "./image-worker-client.js";
import { unreadable } from "./image-worker-protocol.js";
import { sourceChanged, workerError } from "./source-errors.js";

/** A `File` or `Blob` as the source of an upload; read in pieces, never as a whole. */
export class BlobSource implements Source {
  readonly label: string;
  readonly sizeBytes: number;
  readonly identity: Identity;
  readonly blob: Blob;
  /** Given if there is no handle: Firefox reads a changed file without an error. */
  readonly crc32Now?: (offset: number, lengthBytes: number) => Promise<number>;
  readonly #handle: FileSystemFileHandle | null;
  #worker: ImageWorker | null = null;

  /**
   * @param handle The file's handle, if the page has it: with it a change is noticed.
   */
  constructor(blob: Blob, handle: FileSystemFileHandle | null = null) {
    this.blob = blob;
    this.sizeBytes = blob.size;
    this.label = blob instanceof File ? blob.name : "a Blob";
    this.identity = identityOf(blob);
    this.#handle = handle;
    if (handle === null) this.crc32Now = (...range) => this.#crc32Now(...range);
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    let at = 0;
    for await (const piece of this.#pieces(offset, into.length)) {
      signal.throwIfAborted();
      into.set(piece, at);
      at += piece.length;
    }
    signal.throwIfAborted();
    if (at < into.length) throw sourceChanged(this.label, new Error(`it ends at ${offset + at}`));
  }

  /** Looks at the file again by its handle. Without one, Chromium alone tells what it is now. */
  async check(): Promise<void> {
    await this.read(this.sizeBytes - 1, new Uint8Array(1), never);
    const now = await this.#handle?.getFile().catch((cause: unknown) => {
      throw sourceChanged(this.label, cause);
    });
    const { size, lastModified } = identityOf(now ?? this.blob);
    if (size !== this.identity["size"] || lastModified !== this.identity["lastModified"]) {
      throw sourceChanged(this.label, new Error("it was written to"));
    }
  }

  /** Ends the thread that read the file again, if there is one. */
  async close(): Promise<void> {
    this.#worker?.end();
  }

  async #crc32Now(offset: number, lengthBytes: number): Promise<number> {
    this.#worker ??= new ImageWorker({ given: this.blob, state: null });
    try {
      return Number((await this.#worker.ask({ kind: "crc32", offset, lengthBytes })).value);
    } catch (cause) {
      throw workerError(this.label, cause as Error);
    }
  }

  async *#pieces(offset: number, length: number): AsyncGenerator<Uint8Array> {
    try {
      yield* piecesOf(this.blob.slice(offset, offset + length));
    } catch (cause) {
      const changed = cause instanceof DOMException && cause.name === unreadable;
      throw changed ? sourceChanged(this.label, cause) : cause;
    }
  }
}

const never = new AbortController().signal;

/** A Blob without a name cannot be recognized later. */
function identityOf(blob: Blob): Identity {
  const size = String(blob.size);
  return blob instanceof File
    ? { size, name: blob.name, lastModified: String(blob.lastModified) }
    : { size, blob: crypto.randomUUID() };
}
