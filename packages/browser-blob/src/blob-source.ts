import { SourceChangedError, SourceUnusableError, type Identity, type Source } from "@img/transfer";

/** Slices that the browser reads at a time: what is read is garbage once it is copied to its place. */
const sliceBytes = 2 * 1024 * 1024;

/** A `File` or `Blob` as the source of an upload; read in slices, never as a whole. */
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
    for (let at = 0; at < into.length; at += sliceBytes) {
      signal.throwIfAborted();
      const end = Math.min(into.length, at + sliceBytes);
      const slice = this.blob.slice(offset + at, offset + end);
      const bytes = await readAll(slice, this.label);
      signal.throwIfAborted();
      into.set(bytes, at);
    }
  }

  /** The browser refuses to read a file that is not what it was when the page got it. */
  async check(): Promise<void> {
    await readAll(this.blob.slice(this.sizeBytes - 1), this.label);
  }
}

/** All of a (small) blob. */
async function readAll(blob: Blob, label: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw sourceChanged(label, cause);
  }
}

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
