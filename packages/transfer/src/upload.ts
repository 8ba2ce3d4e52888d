import type { ImageUploadResponse } from "@img/core/models";
import { imageNamePattern } from "@img/core/wire";
import { Api } from "./service/api.js";
import { InvalidOptionError, SourceChangedError } from "./errors.js";
import { finishUpload, type Finished, type SendSequential } from "./finish-upload.js";
import { sendSequential } from "./send-sequential.js";
import type { Journal } from "./journal/journal.js";
import { pruneCompleted } from "./journal/prune.js";
import {
  checkLanes,
  checkMemory,
  resolveUploadOptions,
  type ResolvedUploadOptions,
  type UploadOptions,
} from "./options.js";
import type { AnySource, Platform, Source } from "./ports.js";
import { elapsedMs, withRun, type Run } from "./run/run.js";
import { withJournal } from "./run/with-journal.js";
import { beginAgain, partBytesOf } from "./claim/begin.js";
import { claimImage } from "./claim/claim.js";
import { loadReadBack, readBackOrThrow } from "./claim/complete.js";
import { checkExpected } from "./claim/expected-digest.js";
import { takeAsItIs } from "./claim/last-look.js";
import { isLost, settleRefusal } from "./claim/lost.js";
import { isSameSource } from "./claim/source-identity.js";
import type { Claim, UploadContext } from "./claim/upload-context.js";
import type { TransferTask } from "./run/transfer-task.js";

/** What an upload is of and to, beside its options. */
export interface UploadTask extends TransferTask {
  /** 1 to 255 characters: a letter or digit, then letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** Open, and closed by the caller. A sequential one is read again from its start by each run. */
  readonly source: AnySource;
}

/** What an upload came to. Bytes are whole numbers, `elapsedMs` is of this run. */
export interface UploadResult {
  /** The finished image, as the service tells it. */
  readonly image: ImageUploadResponse;
  /** Of the whole image, 64 lower-case hex digits. */
  readonly sha256: string;
  /** Of the whole image. */
  readonly sizeBytes: number;
  /** Bytes of the parts that arrived in this run; those of earlier runs are not sent again. */
  readonly sentBytes: number;
  /** Whether the image was read back as it is stored, and has this SHA-256. See `verify`. */
  readonly verified: boolean;
  /** Whether this run resumed an earlier one, or found everything done. */
  readonly resumed: boolean;
  /** How long this run took. */
  readonly elapsedMs: number;
}

/**
 * Uploads one image: fresh, resumed or found done, it is the same path. Whatever it throws, the next
 * call with the same arguments resumes from the last receipt.
 *
 * @throws One of the classes in errors.ts, or the signal's reason.
 */
export const upload = (task: UploadTask, given: UploadOptions): Promise<UploadResult> =>
  uploadBy(task, given, sendSequential);

/**
 * `upload` of a source that can be read at any offset; a page that bundles it loads less.
 *
 * @throws One of the classes in errors.ts, or the signal's reason.
 */
export const uploadSeekable = (
  task: UploadTask & { readonly source: Source },
  given: UploadOptions,
): Promise<UploadResult> =>
  uploadBy(task, given, () => {
    throw new Error("bug: a source without a size");
  });

async function uploadBy(
  task: UploadTask,
  given: UploadOptions,
  sendSequential: SendSequential,
): Promise<UploadResult> {
  const options = resolveUploadOptions(given, task.client);
  const { source, platform, name } = task;
  if (!imageNamePattern.test(name)) throw new InvalidOptionError("name", name, nameRule);
  const partBytes = partBytesOf(source, options.wantedPartBytes);
  const sizeBytes = source.sizeBytes ?? Infinity;
  checkMemory(options.memoryBytes, Math.min(sizeBytes, partBytes), platform.mostPartBytes);
  checkLanes(options, partBytes, Math.ceil(sizeBytes / partBytes));
  checkPartHash(platform, options);
  options.signal.throwIfAborted();
  // What cannot be loaded is better known before the image is complete than after.
  if (options.readBack) await loadReadBack();
  return withRun(
    platform,
    options,
    (run, own) => uploadWith(task, own, run, sendSequential),
    task.share,
  );
}

async function uploadWith(
  task: UploadTask,
  options: ResolvedUploadOptions,
  run: Run,
  sendSequential: SendSequential,
): Promise<UploadResult> {
  const { client, platform, server, name, source } = task;
  if (source.sizeBytes !== null) run.meter.expect(source.sizeBytes);
  const key = { kind: "upload", server, workspace: options.workspace, name } as const;
  const api = new Api(client, run, 'Start over with ifImageGone "restart".');
  return withJournal(run, key, options, async (journal) => {
    const about = { run, options, api, starting: api, server, name, source };
    const ctx = { ...about, journal, sendSequential };
    const result = await uploadLocked(ctx);
    if (run.share.mayPrune()) {
      await pruneCompleted(platform.journals, Math.floor(run.clock.wallMs() / 1000));
    }
    return result;
  });
}

export const nameRule =
  "1 to 255 characters: a letter or digit, then letters, digits, '.', '_' and '-'";

/** An upload that can be resumed. */
interface KeptUpload extends UploadContext {
  readonly journal: Journal;
  readonly sendSequential: SendSequential;
}

async function uploadLocked(ctx: KeptUpload): Promise<UploadResult> {
  const resumed = hasReceipts(ctx.journal);
  const same = isSameSource(ctx);
  try {
    return await uploadOnce(ctx);
  } catch (error) {
    // The bytes that were sent are not the source's. Only a change between runs is fixed by a new
    // upload; while running, another one may be running.
    const changed = error instanceof SourceChangedError && resumed && !same;
    const { ifSourceChanged, ifImageGone } = ctx.options;
    const then = changed ? ifSourceChanged : isLost(error) ? ifImageGone : "fail";
    if (then === "fail") throw error;
  }
  await takeAsItIs(ctx.run, ctx.source);
  await beginAgain(ctx);
  return uploadOnce(ctx);
}

async function uploadOnce(ctx: KeptUpload): Promise<UploadResult> {
  try {
    return await claimAndMove(ctx);
  } catch (error) {
    const { state } = ctx.journal;
    const isStarted = state.at === "started" || state.at === "completing";
    throw isStarted ? await settleRefusal(ctx, state.imageId, error) : error;
  }
}

async function claimAndMove(ctx: KeptUpload): Promise<UploadResult> {
  const claim = await claimImage(ctx);
  const done =
    claim.at === "done"
      ? await verifyDone(ctx, claim)
      : await finishUpload(ctx, claim, ctx.sendSequential);
  // That of a completed upload stays, as the proof of it; one that was found by its name has none.
  if (ctx.journal.state.at !== "completed") await ctx.journal.remove();
  return {
    ...done,
    sentBytes: ctx.run.meter.arrivedBytes,
    resumed: claim.at === "done" || claim.receipts.size > 0,
    elapsedMs: elapsedMs(ctx.run),
  };
}

/** An image that was found complete is read back where that was wanted. */
async function verifyDone(
  ctx: UploadContext,
  { image, sha256, sizeBytes }: Claim & { at: "done" },
): Promise<Finished> {
  checkExpected(ctx, sha256, "An earlier upload of it is complete, and stays.");
  const verified = ctx.options.readBack;
  if (verified) await readBackOrThrow(ctx, image.id, sha256);
  return { image, sha256, sizeBytes, verified };
}

/** @throws {InvalidOptionError} The platform cannot make MD5s. */
function checkPartHash(platform: Platform, { partChecksums }: ResolvedUploadOptions): void {
  if (partChecksums === "md5" && platform.openPartHash === undefined) {
    throw new InvalidOptionError("partChecksums", partChecksums, '"none" on this platform');
  }
}

const hasReceipts = ({ state }: Journal): boolean => "receipts" in state && state.receipts.size > 0;
