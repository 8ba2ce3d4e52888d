import { ImageFailedError, ImageGoneError, NameTakenError, SourceChangedError } from "../errors.js";
import type { Transfer, Upload } from "../journal/state.js";
import type { AnySource } from "../ports.js";
import { begin, beginAgain } from "./begin.js";
import { settleCompleted, type Completed } from "./completed.js";
import { formatOf, sameIdentity } from "./source-identity.js";
import { startImage } from "./start-image.js";
import type { Claim, UploadContext } from "./upload-context.js";

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
  if (sizeBytes !== null && state.sizeBytes !== sizeBytes) return sourceDiffers(ctx, state);
  return state;
}

async function sourceDiffers(ctx: UploadContext, state: Unfinished): Promise<Unfinished> {
  if (ctx.options.ifSourceChanged === "fail") {
    throw new SourceChangedError(howItDiffers(ctx.source, state));
  }
  return beginAgain(ctx);
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
  const image = await ctx.api.get(upload.imageId);
  if (image === null || image.uploadStatus === "failed") {
    if (ctx.options.ifImageGone === "restart") return startImage(ctx, await beginAgain(ctx));
    throw image === null
      ? new ImageGoneError(upload.imageId, ctx.api.startOver)
      : new ImageFailedError(upload.imageId, ctx.api.startOver);
  }
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
