import { SourceChangedError, SourceUnusableError, type Identity, type Source } from "@img/transfer";
import { piecesOf } from "./blob-pieces.js";

/** A `File` or `Blob` as the source of an upload; read in pieces, never as a whole. */
export class BlobSource implements Source {
  readonly label: string;
  readonly sizeBytes: number;
  readonly identity: Identity;
  readonly blob: Blob;

  constructor(blob: Blob) {
    this.blob = blob;
    this.sizeBytes = blob.size;
    this.label = blob instanceof File ? blob.name : "a Blob";
    this.identity = identityOf(blob);
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

  /** The browser refuses to read a file that is not what it was when the page got it. */
  async check(): Promise<void> {
    await this.read(this.sizeBytes - 1, new Uint8Array(1), never);
  }

  async *#pieces(offset: number, length: number): AsyncGenerator<Uint8Array> {
    try {
      yield* piecesOf(this.blob.slice(offset, offset + length));
    } catch (cause) {
      throw sourceChanged(this.label, cause);
    }
  }
}

const never = new AbortController().signal;

/** A file that was written to, moved or deleted is `NotReadableError` or `NotFoundError`. */
export function sourceChanged(label: string, cause: unknown): SourceChangedError {
  return new SourceChangedError(`${label} cannot be read any more as it was when it was chosen`, {
    cause,
  });
}

/** Of a Blob without a name nobody can tell later whether it is the same. */
function identityOf(blob: Blob): Identity {
  const size = String(blob.size);
  return blob instanceof File
    ? { size, name: blob.name, lastModified: String(blob.lastModified) }
    : { size, blob: crypto.randomUUID() };
}

/**
 * The file behind a handle, as it is now.
 *
 * @throws {SourceUnusableError} It is gone, or the page may not read it (any more).
 */
export async function fileOf(given: Blob | FileSystemFileHandle): Promise<Blob> {
  if (given instanceof Blob) return given;
  try {
    return await given.getFile();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SourceUnusableError(`Could not open ${given.name}: ${why}`, { cause });
  }
}
