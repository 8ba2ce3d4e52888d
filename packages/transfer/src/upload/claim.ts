import { ImageFailedError, ImageGoneError, NameTakenError, SourceChangedError } from "../errors.js";
import type { Upload } from "../journal/state.js";
import type { Source } from "../ports.js";
import { begin, beginAnew, formatOf } from "./begin.js";
import { hasDigest } from "./image-state.js";
import { startImage } from "./start-image.js";
import type { Claim, UploadContext } from "./upload-context.js";

/** Finds what the journal knows of this upload, or starts it. */
export async function claimImage(ctx: UploadContext): Promise<Claim> {
  const upload = await resumeOrBegin(ctx);
  if (upload.at === "completed") return (await settleCompleted(ctx, upload)) ?? claimAnew(ctx);
  if (upload.at === "begun" || upload.at === "intended") return startImage(ctx, upload);
  return goOnWith(ctx, upload);
}

async function claimAnew(ctx: UploadContext): Promise<Claim> {
  return startImage(ctx, await begin(ctx));
}

/** The upload in the journal where it is of this source, else a new one. */
async function resumeOrBegin(ctx: UploadContext): Promise<Upload> {
  const { state } = ctx.journal;
  if (state.at === "nothing" || state.at === "downloading") return begin(ctx);
  if (state.sizeBytes !== ctx.source.sizeBytes) return sourceDiffers(ctx, state);
  return state;
}

export function sameIdentity(source: Source, upload: Upload): boolean {
  const before = Object.entries(upload.identity);
  return (
    formatOf(source) === upload.format &&
    before.length === Object.keys(source.identity).length &&
    before.every(([key, value]) => source.identity[key] === value)
  );
}

async function sourceDiffers(ctx: UploadContext, state: Upload): Promise<Upload> {
  if (state.at === "completed") return begin(ctx);
  if (ctx.options.ifSourceChanged === "fail") {
    throw new SourceChangedError(howItDiffers(ctx.source, state));
  }
  return beginAnew(ctx);
}

function howItDiffers(source: Source, { sizeBytes, format }: Upload): string {
  const had = sizeBytes === null ? "was of unknown size" : `had ${sizeBytes}`;
  const [is, was] = [formatOf(source), format];
  const as = is === was ? "" : `, read as ${was}; now it is read as ${is}`;
  return `it has ${source.sizeBytes} bytes, but ${had} when this upload began${as}`;
}

/** The last run completed the image, and ended before its journal was gone. */
async function settleCompleted(
  ctx: UploadContext,
  upload: Upload & { at: "completed" },
): Promise<Claim | null> {
  if (!sameIdentity(ctx.source, upload)) return null;
  const image = await ctx.api.get(upload.imageId);
  if (image?.uploadStatus !== "completed") return null;
  // Where the service tells no digest, it was read back before it was recorded as completed.
  const { sha256 } = upload;
  const ours = !image.sha256 || hasDigest(image, sha256);
  return ours ? { at: "done", image, sha256 } : null;
}

/** An image from an earlier run: does it still wait for parts? */
async function goOnWith(
  ctx: UploadContext,
  upload: Upload & { at: "started" | "completing" },
): Promise<Claim> {
  const image = await ctx.api.get(upload.imageId);
  if (image === null || image.uploadStatus === "failed") {
    if (ctx.options.ifImageGone === "restart") return startImage(ctx, await beginAnew(ctx));
    throw image === null
      ? new ImageGoneError(upload.imageId, ctx.api.anew)
      : new ImageFailedError(upload.imageId, ctx.api.anew);
  }
  // Ours only if we were completing it; whether with our digest is settled by `completeImage`.
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
