import { NameTakenError, SourceChangedError } from "../errors.js";
import type { Transfer, Upload } from "../journal/state.js";
import type { AnySource } from "../ports.js";
import { formatOf, sameIdentity, rereadDigest, sourceRecord } from "./source-check.js";
import { startImage } from "./start-image.js";
import {
  imageInUse,
  type Begun,
  type Claim,
  type Done,
  type UploadContext,
} from "./upload-context.js";
import { limits, partBytesFor } from "../plan.js";
import { isUnfinished, hasDigest } from "../service/answers.js";

/** Finds the image that the parts go to: the one in the journal, or a new one. */
export async function claimImage(ctx: UploadContext): Promise<Claim> {
  const { state } = ctx.journal;
  if (state.at === "completed") {
    return (await settleCompleted(ctx, state)) ?? startImage(ctx, await begin(ctx));
  }
  const upload = await resumeOrBegin(ctx, state);
  if (upload.at === "begun" || upload.at === "intended") return startImage(ctx, upload);
  return resumeImage(ctx, upload);
}

type Unfinished = Exclude<Upload, Completed>;

/** Returns the upload in the journal if it has the size of this source, else a new upload. */
async function resumeOrBegin(
  ctx: UploadContext,
  state: Exclude<Transfer, Completed>,
): Promise<Unfinished> {
  if (state.at === "nothing" || state.at === "downloading") return begin(ctx);
  // The size of a sequential source is known only after it was read; it is compared then.
  const { sizeBytes } = ctx.source;
  if (sizeBytes === null || state.sizeBytes === sizeBytes) return state;
  if (ctx.options.ifSourceChanged === "restart") return beginAgain(ctx);
  throw new SourceChangedError(howItDiffers(ctx.source, state));
}

function howItDiffers(source: AnySource, { sizeBytes, format }: Upload): string {
  const had = sizeBytes === null ? "was of unknown size" : `had ${sizeBytes}`;
  const [is, was] = [formatOf(source), format];
  const as = is === was ? "" : `, read as ${was}; now it is read as ${is}`;
  return `it has ${source.sizeBytes} bytes, but ${had} when this upload began${as}`;
}

/** Resumes with the image of an earlier run, if the service still accepts parts for it. */
async function resumeImage(
  ctx: UploadContext,
  upload: Upload & { at: "started" | "completing" },
): Promise<Claim> {
  const image = await imageInUse(ctx.api, upload.imageId);
  // This upload may have completed it only if the journal says `completing`. `completeImage` compares the digest.
  if (image.uploadStatus === "completed" && upload.at === "started") {
    throw new NameTakenError(ctx.name, image);
  }
  const known = upload.at === "completing" && sameIdentity(ctx.source, upload);
  return {
    at: "moving",
    imageId: upload.imageId,
    adopted: upload.adopted,
    receipts: upload.receipts,
    partBytes: upload.begin.partBytes,
    sha256: known ? upload.sha256 : null,
  };
}

/** Begins a new upload: writes the first record of its journal. */
async function begin(ctx: UploadContext): Promise<Begun> {
  const { source, journal, options, run } = ctx;
  await journal.begin({
    type: "begin",
    kind: "upload",
    server: ctx.server,
    workspace: options.workspace,
    name: ctx.name,
    sizeBytes: source.sizeBytes,
    partBytes: partBytesOf(source, options.wantedPartBytes),
    format: formatOf(source),
    from: source.label,
    identity: source.identity,
    beganAtSec: Math.floor(run.clock.wallMs() / 1000),
  });
  const { state } = journal;
  if (state.at !== "begun") throw new Error(`bug: a new upload is at "${state.at}"`);
  return state;
}

/** The part size of a new upload. If the size is unknown, parts are large enough for 128 GiB in 10,000 parts. */
export const partBytesOf = ({ sizeBytes }: AnySource, wantedPartBytes: number | null): number =>
  partBytesFor(sizeBytes ?? limits.maxImageBytes, wantedPartBytes);

/** Deletes the unfinished image of this upload, and begins the upload again. Never deletes a completed image. */
export async function beginAgain(ctx: UploadContext): Promise<Begun> {
  const { state } = ctx.journal;
  if (state.at === "started" || state.at === "completing") {
    const image = await ctx.api.get(state.imageId);
    if (image !== null && !isUnfinished(image)) throw new NameTakenError(ctx.name, image);
    if (image !== null) await ctx.api.delete(image.id);
  }
  return begin(ctx);
}

/** An upload that an earlier run completed: its journal is the proof that this file is that image. */
type Completed = Upload & { readonly at: "completed" };

/**
 * The image that an earlier run completed, if the service still has it and the source has the same bytes.
 *
 * @returns Null if the service can take a new image under this name.
 * @throws {NameTakenError} The service has the image, but the source has other bytes, or the image is revoked.
 *   The journal is not touched.
 */
async function settleCompleted(ctx: UploadContext, upload: Completed): Promise<Done | null> {
  const image = await ctx.api.get(upload.imageId);
  if (image === null || isUnfinished(image)) return null;
  const { sha256, sizeBytes } = upload;
  // If the service tells no digest, the image was read back before `completed` was recorded.
  const isOurs = image.uploadStatus === "completed" && (!image.sha256 || hasDigest(image, sha256));
  if (isOurs && (await hasSameBytes(ctx, upload))) return { at: "done", image, sha256, sizeBytes };
  // Where images have versions, another file is the next version of this one.
  if ((image.version ?? 0) > 0) return null;
  throw new NameTakenError(ctx.name, image);
}

async function hasSameBytes(ctx: UploadContext, upload: Completed): Promise<boolean> {
  const { run, source, journal } = ctx;
  if (sameIdentity(source, upload)) return true;
  if (source.sizeBytes !== null && source.sizeBytes !== upload.sizeBytes) return false;
  if ((await rereadDigest(run, source)) !== upload.sha256) return false;
  await journal.append(sourceRecord(source));
  return true;
}
