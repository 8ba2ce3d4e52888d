import { NameTakenError } from "../errors.js";
import type { Upload } from "../journal/state.js";
import { hasDigest, isUnfinished } from "../service/answers.js";
import { rereadDigest } from "./reread-digest.js";
import { sameIdentity, sourceRecord } from "./source-identity.js";
import type { Claim, UploadContext } from "./upload-context.js";

/** An upload that an earlier run completed: its journal is the proof that this file is that image. */
export type Completed = Upload & { readonly at: "completed" };

/**
 * The image that an earlier run completed, if the service still has it and the source has the same bytes.
 *
 * @returns Null if the service can take a new image under this name.
 * @throws {NameTakenError} The service has the image, but the source has other bytes, or the image is revoked.
 *   The journal is not touched.
 */
export async function settleCompleted(
  ctx: UploadContext,
  upload: Completed,
): Promise<(Claim & { at: "done" }) | null> {
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
