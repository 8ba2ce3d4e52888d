import { fileURLToPath } from "node:url";
import { Writable } from "node:stream";
import type { WritableStream } from "node:stream/web";
import { InvalidOptionError, type DownloadResult } from "@img/transfer";
import { downloadFile, type DownloadImageOptions } from "./download-image.js";
import { downloadBytes } from "./download-stream.js";
import { ownMachine, type Machine } from "./machine.js";

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
export const download = async (
  idOrName: string,
  output: DownloadOutput,
  options: DownloadImageOptions = {},
): Promise<DownloadResult> => downloadAny(idOrName, output, options, ownMachine(options.threads));

/** Does what `download` does, with what the transfer may use of this machine. */
export async function downloadAny(
  idOrName: string,
  output: DownloadOutput,
  options: DownloadImageOptions,
  machine: Machine,
): Promise<DownloadResult> {
  if (typeof output === "string") return downloadFile(idOrName, output, options, machine);
  if (output instanceof Writable) return downloadBytes(idOrName, output, options, machine);
  if (!(output instanceof URL)) return toWebStream(idOrName, output, options, machine);
  if (output.protocol === "file:") {
    return downloadFile(idOrName, fileURLToPath(output), options, machine);
  }
  throw new InvalidOptionError("output", output.protocol, "a file: URL");
}

/** Downloads to a web stream. The writer's lock is released at the end: the caller closes the stream. */
async function toWebStream(
  idOrName: string,
  output: WritableStream<Uint8Array>,
  options: DownloadImageOptions,
  machine: Machine,
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
    return await downloadBytes(idOrName, out, options, machine);
  } finally {
    writer.releaseLock();
  }
}
