import type { ImageUploadResponse } from "@img/core/models";
import { imageNamePattern } from "@img/core/wire";
import { Api } from "./service/api.js";
import { InvalidOptionError, SourceChangedError } from "./errors.js";
import { finishUpload, type Finished } from "./finish-upload.js";
import { pruneCompleted } from "./journal/prune.js";
import { receiptsOf } from "./journal/state.js";
import {
  checkPartsFit,
  resolveUploadOptions,
  type ResolvedUploadOptions,
  type UploadOptions,
} from "./options.js";
import type { AnySource, JournalStore, Source } from "./ports.js";
import { elapsedMs, withRun, type TransferTask } from "./run/run.js";
import { ownShare, steadyShare } from "./run/share.js";
import { withJournal } from "./run/with-journal.js";
import { beginAgain, partBytesOf, claimImage } from "./claim/claim.js";
import {
  loadReadBack,
  readBackOrThrow,
  checkExpected,
  isLost,
  settleRefusal,
} from "./claim/complete.js";
import { takeAsItIs, isSameSource } from "./claim/source-check.js";
import type { Done, UploadContext, UploadMeans } from "./claim/upload-context.js";
import { mayReadTwice } from "./sending/source-reader.js";
import { PartMd5s } from "./sending/part-md5s.js";
import { PartWindow } from "./sending/part-window.js";
import { streamInput } from "./sending/stream-reader.js";

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
  /** Whether the stored image was read back and has this SHA-256. See `verify`. */
  readonly verified: boolean;
  /** Whether this run resumed an earlier one, or found everything done. */
  readonly resumed: boolean;
  /** How long this run took. */
  readonly elapsedMs: number;
}

/**
 * Uploads one image: a new upload, a resumed one and one that finds everything done take the same path. Whatever it
 * throws, the next call with the same arguments resumes from the last receipt.
 *
 * @throws One of the classes in errors.ts, or the signal's reason.
 */
export const upload = (task: UploadTask, given: UploadOptions): Promise<UploadResult> =>
  uploadBy(task, given, { ...resumable(task), ...allMeans });

/**
 * `upload` of a source that can be read at any offset, over a fixed number of lanes; a page that bundles it loads less.
 *
 * @throws One of the classes in errors.ts, or the signal's reason.
 */
export const uploadSeekable = (
  task: UploadTask & { readonly source: Source },
  given: UploadOptions,
): Promise<UploadResult> => uploadBy(task, given, { ...resumable(task), openShare: steadyShare });

/** How an upload that can be resumed differs from that of a stream. */
interface UploadKind extends UploadMeans {
  readonly journals: JournalStore;
  /** See `Api`. */
  readonly startOver: string;
  /** What is done under the journal's lock. */
  readonly work: (ctx: UploadContext) => Promise<UploadResult>;
  /** What the upload may use if it shares nothing. */
  readonly openShare: typeof ownShare;
}

/** Everything that an upload may need. */
export const allMeans: Pick<UploadKind, keyof UploadMeans | "openShare"> = {
  streamInput,
  PartMd5s,
  PartWindow,
  openShare: ownShare,
};

const resumable = ({ platform }: UploadTask): Omit<UploadKind, "openShare"> => ({
  journals: platform.journals,
  startOver: 'Start over with ifImageGone "restart".',
  work: async (ctx) => {
    const { clock, share } = ctx.run;
    const result = await uploadOrRestart(ctx);
    if (share.mayPrune()) {
      await pruneCompleted(platform.journals, Math.floor(clock.wallMs() / 1000));
    }
    return result;
  },
});

/** The recipe of all uploads. */
export async function uploadBy(
  task: UploadTask,
  given: UploadOptions,
  { journals, startOver, work, openShare, ...means }: UploadKind,
): Promise<UploadResult> {
  const { client, platform, server, source, name } = task;
  const options = resolveUploadOptions(given, client);
  checkTask(task, options);
  // What cannot be loaded is better known before the image is complete than after.
  if (options.readBack) await loadReadBack();
  return withRun(
    platform,
    options,
    async (run, own) => {
      if (source.sizeBytes !== null) run.meter.expect(source.sizeBytes);
      const key = { kind: "upload", server, workspace: own.workspace, name } as const;
      const api = new Api(client, run, startOver);
      const about = { run, options: own, api, creating: own.signal, server, name, source };
      return withJournal(run, journals, key, (journal) => work({ ...about, ...means, journal }));
    },
    task.share ?? openShare(platform, options),
  );
}

/** @throws {InvalidOptionError} What is asked for cannot be done. */
function checkTask({ name, source, platform }: UploadTask, options: ResolvedUploadOptions): void {
  const { partChecksums, signal } = options;
  if (!imageNamePattern.test(name)) throw new InvalidOptionError("name", name, nameRule);
  const partBytes = partBytesOf(source, options.wantedPartBytes);
  checkPartsFit(options, platform, source.sizeBytes ?? Infinity, partBytes, mayReadTwice(source));
  if (partChecksums === "md5" && platform.openPartHash === undefined) {
    throw new InvalidOptionError("partChecksums", partChecksums, '"none" on this platform');
  }
  signal.throwIfAborted();
}

const nameRule = "1 to 255 characters: a letter or digit, then letters, digits, '.', '_' and '-'";

/** Starts over once, if the source has changed or the image is lost and the options say so. */
async function uploadOrRestart(ctx: UploadContext): Promise<UploadResult> {
  const resumed = receiptsOf(ctx.journal.state).size > 0;
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

/** Claims the image, sends what is missing, and completes it. */
export async function uploadOnce(ctx: UploadContext): Promise<UploadResult> {
  try {
    return await claimAndMove(ctx);
  } catch (error) {
    const { state } = ctx.journal;
    const isStarted = state.at === "started" || state.at === "completing";
    throw isStarted ? await settleRefusal(ctx, state.imageId, error) : error;
  }
}

async function claimAndMove(ctx: UploadContext): Promise<UploadResult> {
  const claim = await claimImage(ctx);
  ctx.options.signal.throwIfAborted(); // the call that created the image may have waited for its answer
  const done = claim.at === "done" ? await verifyDone(ctx, claim) : await finishUpload(ctx, claim);
  // That of a completed upload stays, as the proof of it; one that was found by its name has none.
  if (ctx.journal.state.at !== "completed") await ctx.journal.remove();
  return {
    ...done,
    sentBytes: ctx.run.meter.arrivedBytes,
    resumed: claim.at === "done" || claim.receipts.size > 0,
    elapsedMs: elapsedMs(ctx.run),
  };
}

/** Reads an image back that was found complete, if that is wanted. */
async function verifyDone(
  ctx: UploadContext,
  { image, sha256, sizeBytes }: Done,
): Promise<Finished> {
  checkExpected(ctx, sha256, "An earlier upload of it is complete, and stays.");
  const verified = ctx.options.readBack;
  if (verified) await readBackOrThrow(ctx, image.id, sha256);
  return { image, sha256, sizeBytes, verified };
}
