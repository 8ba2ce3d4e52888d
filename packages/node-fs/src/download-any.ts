import { fileURLToPath } from "node:url";
import { Writable } from "node:stream";
import type { WritableStream } from "node:stream/web";
import { InvalidOptionError, type DownloadResult } from "@img/transfer";
import { downloadImage, type DownloadImageOptions } from "./download-image.js";
import { downloadStream } from "./download-stream.js";

/** Where a download can go: a path or `file:` URL, or a stream, which is written to in order and not ended. */
export type DownloadOutput = string | URL | Writable | WritableStream<Uint8Array>;

/**
 * Downloads an image to any output: to a path as `downloadImage` does, into a stream as `downloadStream`. Options that
 * only make sense for a file are ignored with a stream.
 *
 * @param idOrName An image's id or, in preview, its resource path; or else the name of a live image.
 * @throws {InvalidOptionError} The output is nothing that can be written to.
 * @throws What the function for this kind of output throws.
 */
export async function download(
  idOrName: string,
  output: DownloadOutput,
  options: DownloadImageOptions = {},
): Promise<DownloadResult> {
  if (typeof output === "string") return downloadImage(idOrName, output, options);
  if (output instanceof Writable) return downloadStream(idOrName, output, options);
  if (!(output instanceof URL)) return toWebStream(idOrName, output, options);
  if (output.protocol === "file:") return downloadImage(idOrName, fileURLToPath(output), options);
  throw new InvalidOptionError("output", output.protocol, "a file: URL");
}

/** The writer is let go of at the end: the caller closes the stream, as with any other. */
async function toWebStream(
  idOrName: string,
  output: WritableStream<Uint8Array>,
  options: DownloadImageOptions,
): Promise<DownloadResult> {
  const writer = output.getWriter();
  const out = new Writable({
    write(bytes: Uint8Array, _, done) {
      writer.write(bytes).then(
        () => {
          done();
        },
        (error: unknown) => {
          done(error instanceof Error ? error : new Error(String(error)));
        },
      );
    },
  });
  try {
    return await downloadStream(idOrName, out, options);
  } finally {
    writer.releaseLock();
  }
}
