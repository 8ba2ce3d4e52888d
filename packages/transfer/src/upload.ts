import type { SfcCore } from "@img/core/core.js";
import type { ImageUploadResponse } from "@img/core/models";
import { imageNamePattern } from "@img/core/wire";
import { Api } from "./service/api.js";
import { InvalidOptionError, SourceChangedError } from "./errors.js";
import type { Journal } from "./journal/journal.js";
import { pruneCompleted } from "./journal/prune.js";
import type { Receipts } from "./journal/state.js";
import {
  checkLanes,
  checkMemory,
  resolveUploadOptions,
  type ResolvedUploadOptions,
  type UploadOptions,
} from "./options.js";
import { partBytesFor, planParts } from "./plan.js";
import type { PartMd5s } from "./sending/part-md5s.js";
import type { Platform, SavedDigest, Source } from "./ports.js";
import { enterPhase, withRun, type Run } from "./run/run.js";
import { withJournal } from "./run/with-journal.js";
import { beginAnew, formatOf } from "./claim/begin.js";
import { claimImage } from "./claim/claim.js";
import { completeImage, loadReadBack, readBackOrThrow } from "./claim/complete.js";
import { checkExpected } from "./claim/expected-digest.js";
import { lastLook, takeAsItIs } from "./claim/last-look.js";
import { isLost, settleRefusal } from "./claim/lost.js";
import { sendAll } from "./sending/send-all.js";
import { sourceInput } from "./sending/source-reader.js";
import { compareFirst, readAgain } from "./sending/read-again.js";
import { sameIdentity } from "./claim/same-identity.js";
import type { Claim, UploadContext } from "./claim/upload-context.js";

/** What an upload is of and to, beside its options. */
export interface UploadTask {
  /** Calls the API; its own retries are not used. */
  readonly client: SfcCore;
  /** The API's own URL: with the name it says which upload this is. */
  readonly server: string;
  /** 1 to 255 characters: a letter or digit, then letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** Open, and closed by the caller. */
  readonly source: Source;
  /** The machine: its journals, connections and clock. */
  readonly platform: Platform;
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
export async function upload(task: UploadTask, given: UploadOptions): Promise<UploadResult> {
  const options = resolveUploadOptions(given, task.client);
  const { source, platform, name } = task;
  if (!imageNamePattern.test(name)) throw new InvalidOptionError("name", name, nameRule);
  checkMemory(
    options.memoryBytes,
    Math.min(source.sizeBytes, partBytesFor(source.sizeBytes, options.wantedPartBytes)),
    platform.mostPartBytes,
  );
  const { sizeBytes } = source;
  const partBytes = partBytesFor(sizeBytes, options.wantedPartBytes);
  checkLanes(options, partBytes, Math.ceil(sizeBytes / partBytes));
  checkPartHash(platform, options);
  options.signal.throwIfAborted();
  // What cannot be loaded is better known before the image is complete than after.
  if (options.verify === "download") await loadReadBack();
  return withRun(platform, options, (run, own) => uploadWith(task, own, run));
}

async function uploadWith(
  task: UploadTask,
  options: ResolvedUploadOptions,
  run: Run,
): Promise<UploadResult> {
  const { client, platform, server, name, source } = task;
  run.meter.expect(source.sizeBytes);
  const key = { kind: "upload", server, workspace: options.workspace, name } as const;
  const api = new Api(client, run, 'Start over with ifImageGone "restart".');
  return withJournal(run, key, options, async (journal) => {
    const ctx = { run, options, api, starting: api, server, name, source, journal };
    const result = await uploadLocked(ctx);
    await pruneCompleted(platform.journals, Math.floor(run.clock.wallMs() / 1000));
    return result;
  });
}

export const nameRule =
  "1 to 255 characters: a letter or digit, then letters, digits, '.', '_' and '-'";

/** An upload that can be resumed. */
interface KeptUpload extends UploadContext {
  readonly journal: Journal;
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
  await beginAnew(ctx);
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
  const { image, sha256, verified } =
    claim.at === "done" ? await verifyDone(ctx, claim) : await moveAndComplete(ctx, claim);
  // That of a completed upload stays, as the proof of it; one that was found by its name has none.
  if (ctx.journal.state.at !== "completed") await ctx.journal.remove();
  return {
    image,
    sha256,
    sizeBytes: ctx.source.sizeBytes,
    sentBytes: ctx.run.meter.arrivedBytes,
    verified,
    resumed: claim.at === "done" || claim.receipts.size > 0,
    elapsedMs: elapsedMs(ctx.run),
  };
}

interface Done {
  readonly image: ImageUploadResponse;
  readonly sha256: string;
  readonly verified: boolean;
}

/** An image that was found complete is read back where that was wanted. */
async function verifyDone(
  ctx: UploadContext,
  { image, sha256 }: Claim & { at: "done" },
): Promise<Done> {
  checkExpected(ctx, sha256, "An earlier upload of it is complete, and stays.");
  const verified = ctx.options.verify === "download";
  if (verified) await readBackOrThrow(ctx, image.id, sha256);
  return { image, sha256, verified };
}

async function moveAndComplete(ctx: KeptUpload, claim: Claim & { at: "moving" }): Promise<Done> {
  const { run, api, server, source, journal, options } = ctx;
  const { imageId, receipts } = claim;
  const parts = planParts(source.sizeBytes, claim.partBytes);
  checkMemory(options.memoryBytes, parts[0]!.lengthBytes, run.platform.mostPartBytes);
  checkLanes(options, claim.partBytes, parts.length);
  run.meter.plan(parts, receipts);
  // With other metadata the bytes may differ: then all are hashed again.
  const same = isSameSource(ctx);
  const savedDigest = same ? savedDigestOf(journal) : null;
  if (!same) await compareFirst(run, source, parts, receipts);
  const input = sourceInput(run, source, parts, receipts);
  const upload = { run, api, server, input, journal, imageId, receipts, savedDigest };
  const sha256 = claim.sha256 ?? (await withMd5s(ctx, (md5s) => sendAll({ ...upload, md5s })));
  if (claim.sha256 === null) await readAgain(run, source, parts, receiptsOf(journal));
  enterPhase(run, "finishing");
  await lastLook(run, source, sha256);
  if (!isSameSource(ctx)) {
    // Touched, copied, remounted: what was sent before was read again, and is the same.
    const { identity, label: from } = source;
    await journal.append({ type: "source", identity, from, format: formatOf(source) });
  }
  return { ...(await completeImage(ctx, claim, sha256)), sha256 };
}

/** Opens what makes the parts' MD5s, where they are wanted. */
async function withMd5s<T>(
  { run, options }: UploadContext,
  work: (md5s: PartMd5s | null) => Promise<T>,
): Promise<T> {
  if (options.verifyParts !== "md5") return work(null);
  const partHash = run.platform.openPartHash!();
  try {
    // Loaded when it is needed: no page can make them.
    const { PartMd5s } = await import("./sending/part-md5s.js");
    return await work(new PartMd5s(partHash));
  } finally {
    await partHash.close();
  }
}

/** @throws {InvalidOptionError} The platform cannot make MD5s. */
function checkPartHash(platform: Platform, { verifyParts }: ResolvedUploadOptions): void {
  if (verifyParts === "md5" && platform.openPartHash === undefined) {
    throw new InvalidOptionError("verifyParts", verifyParts, '"none" on this platform');
  }
}

const receiptsOf = ({ state }: Journal): Receipts =>
  "receipts" in state ? state.receipts : new Map();

const hasReceipts = (journal: Journal): boolean => receiptsOf(journal).size > 0;

function isSameSource({ journal, source }: KeptUpload): boolean {
  const { state } = journal;
  return state.at !== "nothing" && state.at !== "downloading" && sameIdentity(source, state);
}

const savedDigestOf = ({ state }: Journal): SavedDigest | null =>
  state.at === "nothing" ? null : state.digest;

const elapsedMs = (run: Run): number => Math.round(run.clock.monotonicMs() - run.startedMs);
