import {
  checkIdOrName,
  closing,
  DiskError,
  downloadStream,
  findImage,
  InvalidOptionError,
  untilAborted,
  type DownloadResult,
  type StreamSink,
} from "@img/transfer";
import { downloadImage, type DownloadImageOptions } from "./download-image.js";
import { noJournals } from "./journal-store.js";
import { pageDefaults } from "./options.js";
import { pagePlatform } from "./platform.js";
import { serviceOf } from "./service.js";
import { digestOf } from "./worker-digest.js";

/** Where a download can go: to a file by its handle, or to a stream, which is written to in order and not closed. */
export type DownloadOutput = FileSystemFileHandle | WritableStream<Uint8Array>;

/**
 * Downloads an image to any output: to a handle as `downloadImage` does. Into a stream the bytes go in order, in bounded
 * memory; nothing of it may be trusted before this resolves, and a failed download cannot be resumed. Options that only make
 * sense for a file are ignored with a stream.
 *
 * @param idOrName An image's id or, in preview, its resource path; or else the name of a live image.
 * @throws {InvalidOptionError} The output is nothing that can be written to.
 * @throws {DiskError} The stream failed.
 * @throws What `downloadImage` throws.
 */
export async function download(
  idOrName: string,
  output: DownloadOutput,
  options: DownloadImageOptions,
): Promise<DownloadResult> {
  if ("getFile" in output) return downloadImage(idOrName, output, options);
  if ("getWriter" in output) return toStream(idOrName, output, options);
  throw new InvalidOptionError("output", output, "a file's handle or a WritableStream");
}

async function toStream(
  idOrName: string,
  output: WritableStream<Uint8Array>,
  { client, ...options }: DownloadImageOptions,
): Promise<DownloadResult> {
  const service = serviceOf(client);
  checkIdOrName(idOrName, client);
  const given = pageDefaults(options);
  const platform = pagePlatform(noJournals, (saved) =>
    digestOf({ blob: null, label: "the stream" }, saved),
  );
  return closing(platform, async () => {
    const image = await findImage({ ...service, platform }, idOrName, given);
    const writer = output.getWriter();
    try {
      return await downloadStream({ ...service, image, out: sinkOf(writer), platform }, given);
    } finally {
      writer.releaseLock(); // the caller closes the stream
    }
  });
}

/** The most bytes that are written at once. They are copied, since a reader of the stream may keep them. */
const sliceBytes = 1024 * 1024;

const sinkOf = (writer: WritableStreamDefaultWriter<Uint8Array>): StreamSink => ({
  label: "the stream",
  async write(bytes, signal) {
    for (let at = 0; at < bytes.length; at += sliceBytes) {
      const written = writer.write(bytes.slice(at, at + sliceBytes)).catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new DiskError(`Could not write to the stream: ${why}`, { cause });
      });
      await untilAborted(written, signal);
    }
  },
});
