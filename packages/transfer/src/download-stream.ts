import type { ImageUploadResponse } from "@img/core/models";
import { checkDigest, downloadResult, type DownloadResult } from "./download.js";
import { fetchImage } from "./fetching/fetch-image.js";
import { passingOutput } from "./fetching/passing-output.js";
import { resolveDownloadOptions, type TransferOptions } from "./options.js";
import type { StreamSink } from "./ports.js";
import { withRun, type Run } from "./run/run.js";
import { ownShare } from "./run/share.js";
import { Api } from "./service/api.js";
import { ImageUrl } from "./service/image-url.js";
import type { TransferTask } from "./run/transfer-task.js";

/** What a download to a stream is of and to, beside its options. */
export interface DownloadStreamTask extends TransferTask {
  /** What to download: as `findImage` found it. */
  readonly image: ImageUploadResponse;
  /** Ended by the caller. */
  readonly out: StreamSink;
}

/**
 * Downloads one image to a stream: fetched in parallel ranges, written in order, with as much memory as
 * `memoryBytes` says however slow the reader is. The digest is known only when the last byte is out, so
 * a reader must wait for this to resolve before the bytes are trusted. Nothing can be resumed.
 *
 * @throws {DigestMismatchError} All was written, and is not what the service says.
 * @throws One of the other classes in errors.ts, or the signal's reason.
 */
export async function downloadStream(
  task: DownloadStreamTask,
  given: TransferOptions,
): Promise<DownloadResult> {
  const options = resolveDownloadOptions(given, task.client);
  options.signal.throwIfAborted();
  return withRun(
    task.platform,
    options,
    (run) => downloadRun(task, run),
    task.share ?? ownShare(task.platform, options),
  );
}

async function downloadRun({ client, server, image, out }: DownloadStreamTask, run: Run) {
  const url = new ImageUrl(new Api(client, run), server, image.id);
  const facts = await url.facts(run.options.signal);
  run.meter.expect(facts.sizeBytes);
  const fetched = await fetchImage(run, url, facts, passingOutput(run, out));
  checkDigest(image, facts, fetched.sha256);
  return downloadResult(run, image, facts, fetched);
}
