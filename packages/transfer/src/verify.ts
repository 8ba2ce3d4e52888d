import type { ImageUploadResponse } from "@img/core/models";
import { Api } from "./service/api.js";
import { DigestMismatchError, ImageDiffersError } from "./errors.js";
import { resolveTransferOptions, type VerifyOptions } from "./options.js";
import { together } from "./promises/together.js";
import type { Source } from "./ports.js";
import type { FetchedImage } from "./fetching/fetch-image.js";
import { readBack } from "./fetching/passing-output.js";
import { ImageUrl } from "./service/image-url.js";
import { elapsedMs, withRun, type Run, type TransferTask } from "./run/run.js";
import { ownShare } from "./run/share.js";
import { digestOfSource } from "./digest/source-digest.js";

/** What a verification compares, beside its options. */
export interface VerifyTask extends TransferTask {
  /** What the source is compared with; complete. */
  readonly image: ImageUploadResponse;
  /** Open, and closed by the caller. */
  readonly source: Source;
}

/** What a verification found: the file and the image are the same. */
export interface VerifyResult {
  /** The image, as the service tells it. */
  readonly image: ImageUploadResponse;
  /** Of the file and of what is stored, 64 lower-case hex digits. */
  readonly sha256: string;
  /** Of the file and of what is stored. */
  readonly sizeBytes: number;
  /** Whether the service says this SHA-256, too. False where it tells none. */
  readonly told: boolean;
  /** How long it took. */
  readonly elapsedMs: number;
}

/**
 * Compares a source with a stored image: both are read and hashed at the same time, and
 * nothing of the image is kept.
 *
 * @throws {ImageDiffersError} They are not the same.
 * @throws {DigestMismatchError} They are, but the service says another SHA-256: such an image does not boot.
 */
export async function verify(task: VerifyTask, given: VerifyOptions): Promise<VerifyResult> {
  const options = resolveTransferOptions(given, task.client);
  options.signal.throwIfAborted();
  return withRun(
    task.platform,
    options,
    (run) => verifyWith(task, run),
    task.share ?? ownShare(task.platform, options),
  );
}

async function verifyWith(task: VerifyTask, run: Run): Promise<VerifyResult> {
  const { image, source } = task;
  run.meter.expect(source.sizeBytes);
  const { own, stored } = await bothDigests(task, run);
  if (own !== stored.sha256) {
    await source.check(); // what changed while it was read differs for that reason
    const how = `its SHA-256 is ${stored.sha256}, that of the file is ${own}`;
    throw new ImageDiffersError(image.id, source.label, how);
  }
  const told = stored.facts.sha256;
  if (told !== null && told !== own) {
    throw new DigestMismatchError(`The stored image ${image.id}`, told, own);
  }
  const { sizeBytes } = source;
  return { image, sha256: own, sizeBytes, told: told !== null, elapsedMs: elapsedMs(run) };
}

async function bothDigests(
  { client, server, image, source }: VerifyTask,
  run: Run,
): Promise<{ own: string; stored: FetchedImage }> {
  const results: { own?: string; stored?: FetchedImage } = {};
  await together(run.options.signal, (signal, spawn) => {
    const within: Run = { ...run, options: { ...run.options, signal } };
    run.platform.expectManyListeners(signal);
    spawn(async () => {
      const url = new ImageUrl(new Api(client, within), server, image.id);
      const { sizeBytes } = await url.facts(signal);
      if (sizeBytes !== source.sizeBytes) {
        const how = `it has ${sizeBytes} bytes, the file ${source.sizeBytes}`;
        throw new ImageDiffersError(image.id, source.label, how);
      }
      results.stored = await readBack(within, url);
    });
    spawn(async () => {
      results.own = (await digestOfSource(within, source)).sha256;
    });
  });
  return { own: results.own!, stored: results.stored! };
}
