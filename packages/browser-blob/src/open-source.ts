import { SourceUnusableError } from "@img/transfer";
import { BlobSource } from "./blob-source.js";
import type { ImageSource } from "./image-source.js";
import type { UrlFile } from "./url-file.js";

/** What an image is made of: a file that was chosen, or one at a URL that `openUrl` has opened. */
export type ImageFile = Blob | FileSystemFileHandle | UrlFile;

/**
 * Opens an image for reading; for a handle, the file as it is now.
 *
 * @throws {SourceUnusableError} It is gone, or the page may not read it (any more).
 */
export async function openSource(given: ImageFile): Promise<ImageSource> {
  if (given instanceof Blob) return new BlobSource(given);
  if (!("getFile" in given)) return given.open();
  try {
    return new BlobSource(await given.getFile(), given);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SourceUnusableError(`Could not open ${given.name}: ${why}`, { cause });
  }
}
