import type { ImageUploadResponse } from "@img/core/models";
import { Api } from "./service/api.js";
import { DigestMismatchError, ImageGoneError, PartRefusedError } from "./errors.js";
import { ImageUrl } from "./service/image-url.js";
import { digestOfSource } from "./digest/source-digest.js";
import { fetchImage, type FetchedImage } from "./fetching/fetch-image.js";
import { FileOutput } from "./fetching/file-output.js";
import { passingOutput } from "./fetching/passing-output.js";
import type { Journal } from "./journal/journal.js";
import {
  resolveDownloadOptions,
  type DownloadOptions,
  type ResolvedDownloadOptions,
  type TransferOptions,
} from "./options.js";
import { partBytesFor, planParts } from "./plan.js";
import type { Sink, Source, StreamSink } from "./ports.js";
import { learning } from "./run/learning.js";
import { elapsedMs, enterPhase, withRun, type Run, type TransferTask } from "./run/run.js";
import { ownShare } from "./run/share.js";
import { withJournal } from "./run/with-journal.js";

/** What a download is of and to, beside its options. */
export interface DownloadTask extends TransferTask {
  /** What to download: as `findImage` found it. */
  readonly image: ImageUploadResponse;
  /** Open, and closed by the caller. */
  readonly sink: Sink;
}

/** What a download to a stream is of and to, beside its options. */
export interface DownloadStreamTask extends TransferTask {
  /** What to download: as `findImage` found it. */
  readonly image: ImageUploadResponse;
  /** Ended by the caller. */
  readonly out: StreamSink;
}

/** A file that may be the image already. */
export interface AlreadyTask extends Omit<DownloadTask, "sink"> {
  /** Open, and closed by the caller. */
  readonly file: Source;
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
  const { platform, server, image } = task;
  return downloadBy(task, given, (run, options) => {
    const { workspace } = options;
    const key = { kind: "download", server, workspace, name: image.name } as const;
    return withJournal(run, platform.journals, key, async (journal) => {
      try {
        return await downloadToFile(task, options, run, journal);
      } catch (error) {
        throw await settleRefusal(new Api(task.client, run), image.id, error);
      }
    });
  });
}

/**
 * Downloads one image to a stream: fetched in parallel ranges, written in order, with as much memory as
 * `memoryBytes` says however slow the reader is. The digest is known only when the last byte is out, so
 * a reader must wait for this to resolve before the bytes are trusted. Nothing can be resumed.
 *
 * @throws {DigestMismatchError} All was written, and is not what the service says.
 * @throws One of the other classes in errors.ts, or the signal's reason.
 */
export const downloadStream = (
  task: DownloadStreamTask,
  given: TransferOptions,
): Promise<DownloadResult> =>
  downloadBy(task, given, async (run) => {
    const [url, output] = [imageUrl(task, run), passingOutput(run, task.out)];
    const fetched = await learning(run, task.server, "down", () => fetchImage(run, url, output));
    checkDigest(task.image, fetched);
    return resultOf(run, task.image, fetched);
  });

/**
 * Looks whether a file is an image already, by size and SHA-256: then nothing has to be fetched.
 *
 * @returns What a download would have, with 0 bytes received; null if the file is something else, or the
 *   service tells no digest.
 * @throws One of the classes in errors.ts, or the signal's reason.
 */
export const downloadedAlready = (
  task: AlreadyTask,
  given: DownloadOptions,
): Promise<DownloadResult | null> =>
  downloadBy({ ...task, share: undefined }, given, async (run, { signal, wantedPartBytes }) => {
    const { image, file } = task;
    enterPhase(run, "verifying");
    const facts = await imageUrl(task, run).facts(signal);
    const { sizeBytes, sha256 } = facts;
    if (sha256 === null || sizeBytes !== file.sizeBytes) return null;
    run.meter.plan(planParts(sizeBytes, partBytesFor(sizeBytes, wantedPartBytes)), new Map());
    let digestedBytes = 0;
    run.shown.digestedBytes = () => digestedBytes;
    const found = await digestOfSource(run, file, ({ offset, lengthBytes }) => {
      digestedBytes = offset + lengthBytes;
    });
    return found.sha256 === sha256 ? resultOf(run, image, { facts, sha256, resumed: true }) : null;
  });

/** The recipe of all downloads: `work` in a run of its own. */
async function downloadBy<T>(
  { client, platform, share }: TransferTask,
  given: DownloadOptions,
  work: (run: Run, options: ResolvedDownloadOptions) => Promise<T>,
): Promise<T> {
  const options = resolveDownloadOptions(given, client);
  options.signal.throwIfAborted();
  return withRun(platform, options, work, share ?? ownShare(platform, options));
}

const imageUrl = ({ client, server, image }: Omit<DownloadTask, "sink">, run: Run): ImageUrl =>
  new ImageUrl(new Api(client, run), server, image.id);

/** Only what has the right digest gets the target's name. */
async function downloadToFile(
  task: DownloadTask,
  options: ResolvedDownloadOptions,
  run: Run,
  journal: Journal,
): Promise<DownloadResult> {
  const { sink, server, image } = task;
  const output = new FileOutput({ run, options, sink, journal, server, image });
  const url = imageUrl(task, run);
  const fetched = await learning(run, server, "down", () => fetchImage(run, url, output));
  enterPhase(run, "finishing");
  try {
    checkDigest(image, fetched);
  } catch (error) {
    if (!options.keepOnMismatch) await sink.discard();
    await journal.remove();
    throw error;
  }
  options.signal.throwIfAborted();
  await sink.commit();
  await journal.remove();
  return resultOf(run, image, fetched);
}

/** @throws {DigestMismatchError} What was downloaded is not what the service says. */
function checkDigest({ id }: ImageUploadResponse, { facts, sha256 }: FetchedImage): void {
  if (facts.sha256 === null || facts.sha256 === sha256) return;
  throw new DigestMismatchError(`Image ${id}, as it was downloaded,`, facts.sha256, sha256);
}

const resultOf = (
  run: Run,
  image: ImageUploadResponse,
  { facts, sha256, resumed }: FetchedImage,
): DownloadResult => ({
  image,
  sha256,
  verified: facts.sha256 !== null,
  sizeBytes: facts.sizeBytes,
  receivedBytes: run.meter.arrivedBytes,
  resumed,
  elapsedMs: elapsedMs(run),
});

/** Asks the service whether a 404 of the store means that the image is gone. */
async function settleRefusal(api: Api, imageId: string, error: unknown): Promise<unknown> {
  if (!(error instanceof PartRefusedError && error.status === 404)) return error;
  const image = await api.get(imageId).catch(() => undefined);
  return image === null ? new ImageGoneError(imageId, api.startOver, { cause: error }) : error;
}
