import { SourceUnusableError, type Digest, type Source } from "@img/transfer";
import { BlobSource } from "./blob-source.js";
import { UrlFile } from "./url-file.js";

/** What an image is made of: a file that was chosen, or one at a URL that `openUrl` has opened. */
export type ImageFile = Blob | FileSystemFileHandle | UrlFile;

/** An opened image. */
export interface ImageSource extends Source {
  /** For the worker that makes the digest; empty where it cannot read the image by itself. */
  readonly blob: Blob;
  /** Makes a digest for an image that the worker cannot read by itself. @default the worker reads it */
  readonly digest?: (worker: Digest) => Digest;
  close(): Promise<void>;
}

/**
 * Opens an image for reading; for a handle, the file as it is now.
 *
 * @throws {SourceUnusableError} It is gone, or the page may not read it (any more).
 */
export async function openSource(given: ImageFile): Promise<ImageSource> {
  if (given instanceof Blob) return new BlobSource(given);
  if (given instanceof UrlFile) {
    const { UrlSource } = await import("./url-source.js");
    return new UrlSource(given);
  }
  try {
    return new BlobSource(await given.getFile(), given);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SourceUnusableError(`Could not open ${given.name}: ${why}`, { cause });
  }
}
