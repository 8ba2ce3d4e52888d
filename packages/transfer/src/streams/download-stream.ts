import type { SfcCore } from "@img/core/core.js";
import type { ImageUploadResponse } from "@img/core/models";
import { Api } from "../service/api.js";
import type { DownloadResult } from "../download.js";
import { DigestMismatchError } from "../errors.js";
import { ImageUrl } from "../service/image-url.js";
import {
  checkLanes,
  checkMemory,
  resolveDownloadOptions,
  type TransferOptions,
} from "../options.js";
import { Buffers, type Loan } from "../pipeline/buffers.js";
import type { StoredImage } from "../pipeline/fetch-part.js";
import { fetchNext } from "../pipeline/fetch-parts.js";
import { moveAll } from "../pipeline/moving.js";
import { OrderedOutput } from "../pipeline/ordered-output.js";
import { probeImage } from "../pipeline/probe.js";
import { partBytesFor, planParts } from "../plan.js";
import type { Platform } from "../ports.js";
import type { StreamSink } from "./ports.js";
import { enterPhase, withRun, type Run } from "../run.js";

/** What a download to a stream is of and to, beside its options. */
export interface DownloadStreamTask {
  /** Calls the API; its own retries are not used. */
  readonly client: SfcCore;
  /** The API's own URL. */
  readonly server: string;
  /** What to download: as `findImage` found it. */
  readonly image: ImageUploadResponse;
  /** Ended by the caller. */
  readonly out: StreamSink;
  /** Its journals are not used. */
  readonly platform: Platform;
}

/**
 * Downloads one image to a stream: fetched in parallel ranges, written in order, with as much memory as
 * `memoryBytes` says however slow the reader is. The digest is known only when the last byte is out, so
 * whoever reads must wait for this to resolve before the bytes are trusted. Nothing can be gone on with.
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
  return withRun(task.platform, options, (run) => downloadRun(task, run));
}

async function downloadRun(task: DownloadStreamTask, run: Run): Promise<DownloadResult> {
  const { server, image } = task;
  const { signal } = run.options;
  const url = new ImageUrl(new Api(task.client, run), server, image.id);
  const facts = await url.facts(signal);
  const { sizeBytes } = facts;
  run.meter.expect(sizeBytes);
  const { etag, ranges } = await probeImage(run, url, sizeBytes, signal);
  const sha256 = await fetchInOrder(run, task.out, { url, sizeBytes, etag }, ranges);
  if (facts.sha256 !== null && facts.sha256 !== sha256) {
    throw new DigestMismatchError(`Image ${image.id}, as it was downloaded,`, facts.sha256, sha256);
  }
  return {
    image,
    sha256,
    verified: facts.sha256 !== null,
    sizeBytes,
    receivedBytes: run.meter.arrivedBytes,
    resumed: false,
    elapsedMs: Math.round(run.clock.monotonicMs() - run.startedMs),
  };
}

async function fetchInOrder(
  run: Run,
  out: StreamSink,
  image: StoredImage,
  ranges: boolean,
): Promise<string> {
  const { memoryBytes, wantedPartBytes } = run.options;
  const parts = planParts(image.sizeBytes, partBytesFor(image.sizeBytes, wantedPartBytes));
  const longestPart = parts[0]!.lengthBytes;
  checkMemory(memoryBytes, longestPart, run.platform.mostPartBytes);
  checkLanes(run.options, longestPart, parts.length);
  const buffers = new Buffers((n) => run.platform.allocate(n), longestPart, memoryBytes);
  const done = new Map<number, unknown>();
  run.meter.plan(parts, done);
  enterPhase(run, "moving");
  const digest = run.platform.openDigest(null);
  const output = new OrderedOutput(run, digest, out, parts);
  try {
    const keep = (loan: Loan): void => output.put(loan);
    return await moveAll(run, buffers, output, (signal) =>
      fetchNext({ run, image, ranges, parts, done, buffers, keep, signal }),
    );
  } finally {
    await digest.close();
  }
}
