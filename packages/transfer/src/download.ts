import type { ImageUploadResponse } from "@img/core/models";
import { Api } from "./service/api.js";
import { DigestMismatchError, ImageGoneError, PartRefusedError } from "./errors.js";
import { ImageUrl, type ImageFacts } from "./service/image-url.js";
import { fetchImage, type FetchedImage } from "./fetching/fetch-image.js";
import { FileOutput } from "./fetching/file-output.js";
import type { Journal } from "./journal/journal.js";
import {
  resolveDownloadOptions,
  type DownloadOptions,
  type ResolvedDownloadOptions,
} from "./options.js";
import type { Sink } from "./ports.js";
import { elapsedMs, enterPhase, withRun, type Run } from "./run/run.js";
import { ownShare } from "./run/share.js";
import { withJournal } from "./run/with-journal.js";
import type { TransferTask } from "./run/transfer-task.js";

/** What a download is of and to, beside its options. */
export interface DownloadTask extends TransferTask {
  /** What to download: as `findImage` found it. */
  readonly image: ImageUploadResponse;
  /** Open, and closed by the caller. */
  readonly sink: Sink;
}

/** What a download came to. Bytes are whole numbers, `elapsedMs` is of this run. */
export interface DownloadResult {
  /** The image, as the service tells it. */
  readonly image: ImageUploadResponse;
  /** Of what was downloaded, 64 lower-case hex digits. */
  readonly sha256: string;
  /** Whether that is what the service says. False where it tells no digest. */
  readonly verified: boolean;
  /** Of the whole image. */
  readonly sizeBytes: number;
  /** Bytes of the parts that arrived in this run; those of earlier runs are not fetched again. */
  readonly receivedBytes: number;
  /** Whether this run resumed an earlier one. */
  readonly resumed: boolean;
  /** How long this run took. */
  readonly elapsedMs: number;
}

/**
 * Downloads one image, in ranges, and verifies it in the same pass. Whatever it throws, the target is
 * untouched, and the next call with the same arguments resumes from the last receipt.
 *
 * @throws One of the classes in errors.ts, or the signal's reason.
 */
export async function download(
  task: DownloadTask,
  given: DownloadOptions,
): Promise<DownloadResult> {
  const options = resolveDownloadOptions(given, task.client);
  options.signal.throwIfAborted();
  return withRun(
    task.platform,
    options,
    (run, own) => downloadWith(task, own, run),
    task.share ?? ownShare(task.platform, options),
  );
}

async function downloadWith(
  task: DownloadTask,
  options: ResolvedDownloadOptions,
  run: Run,
): Promise<DownloadResult> {
  const { server, image } = task;
  const { workspace } = options;
  const key = { kind: "download", server, workspace, name: image.name } as const;
  return withJournal(run, task.platform.journals, key, async (journal) => {
    try {
      return await downloadLocked(task, options, run, journal);
    } catch (error) {
      throw await settleRefusal(new Api(task.client, run), image.id, error);
    }
  });
}

async function downloadLocked(
  task: DownloadTask,
  options: ResolvedDownloadOptions,
  run: Run,
  journal: Journal,
): Promise<DownloadResult> {
  const { sink, server, image } = task;
  const url = new ImageUrl(new Api(task.client, run), server, image.id);
  const facts = await url.facts(options.signal);
  run.meter.expect(facts.sizeBytes);
  const output = new FileOutput({ run, options, sink, journal, server, image });
  const fetched = await fetchImage(run, url, facts, output);
  await putInPlace(task, options, run, journal, facts, fetched.sha256);
  return downloadResult(run, image, facts, fetched);
}

/** @throws {DigestMismatchError} What was downloaded is not what the service says. */
export function checkDigest({ id }: ImageUploadResponse, facts: ImageFacts, sha256: string): void {
  if (facts.sha256 === null || facts.sha256 === sha256) return;
  throw new DigestMismatchError(`Image ${id}, as it was downloaded,`, facts.sha256, sha256);
}

export const downloadResult = (
  run: Run,
  image: ImageUploadResponse,
  { sizeBytes, sha256 }: ImageFacts,
  fetched: FetchedImage,
): DownloadResult => ({
  ...fetched,
  image,
  verified: sha256 !== null,
  sizeBytes,
  receivedBytes: run.meter.arrivedBytes,
  elapsedMs: elapsedMs(run),
});

/** What a 404 of the store means: the service knows whether the image is gone. */
async function settleRefusal(api: Api, imageId: string, error: unknown): Promise<unknown> {
  if (!(error instanceof PartRefusedError && error.status === 404)) return error;
  const image = await api.get(imageId).catch(() => undefined);
  return image === null ? new ImageGoneError(imageId, api.startOver, { cause: error }) : error;
}

/** Only what has the right digest gets the target's name. */
async function putInPlace(
  { sink, image }: DownloadTask,
  options: ResolvedDownloadOptions,
  run: Run,
  journal: Journal,
  facts: ImageFacts,
  sha256: string,
): Promise<void> {
  enterPhase(run, "finishing");
  try {
    checkDigest(image, facts, sha256);
  } catch (error) {
    if (!options.keepOnMismatch) await sink.discard();
    await journal.remove();
    throw error;
  }
  options.signal.throwIfAborted();
  await sink.commit();
  await journal.remove();
}
