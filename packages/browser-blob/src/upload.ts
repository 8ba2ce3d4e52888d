import { InvalidOptionError, type Source, type UploadResult } from "@img/transfer";
import type { ImageFile } from "./open-source.js";
import { openUrl } from "./open-url.js";
import { uploadImage, type UploadImageOptions } from "./upload-image.js";
import { uploadSource, uploadStream } from "./upload-bytes.js";
import { UrlFile } from "./url-file.js";

/**
 * What can be uploaded: what `uploadImage` takes; the `URL` of a file, which the page fetches as `openUrl` does; a
 * `Source` of your own, which can be resumed; or a web stream or async iterable of bytes, which can be read only once.
 */
export type UploadInput =
  ImageFile | URL | Source | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Uploads any input as an image: a file, a handle or a URL as `uploadImage` does. Options that only make sense for a file are
 * ignored with the others. A source and a stream need a `name`. A stream cannot be resumed: if its upload fails, the
 * unfinished image is deleted.
 *
 * @throws {InvalidOptionError} The input is nothing that can be uploaded, or has no name and needs one.
 * @throws {SourceUnusableError} A URL cannot be read, or a stream failed.
 * @throws What `uploadImage` throws.
 */
export async function upload(
  input: UploadInput,
  options: UploadImageOptions,
): Promise<UploadResult> {
  if (input instanceof URL) return uploadImage(await openUrl(input, options), options);
  if (isFile(input)) return uploadImage(input, options);
  const { name } = options;
  if (name === undefined) {
    throw new InvalidOptionError("name", name, "given for an input that is no file");
  }
  if ("read" in input && "sizeBytes" in input) return uploadSource(input, name, options);
  if ("getReader" in input) return uploadStream(bytesOf(input), name, options);
  if (Symbol.asyncIterator in input) return uploadStream(input, name, options);
  const wanted = "a Blob, a file's handle, a URL, a Source or a stream of bytes";
  throw new InvalidOptionError("input", input, wanted);
}

const isFile = (input: object): input is ImageFile =>
  input instanceof Blob || input instanceof UrlFile || "getFile" in input;

/** Not every browser can iterate over a stream. */
async function* bytesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { value } = await reader.read();
      if (value === undefined) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
