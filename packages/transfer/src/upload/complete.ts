import type { ImageUploadResponse } from "@img/core/models";
import { refusal, whyOf } from "../service/api-failure.js";
import {
  CompleteRefusedError,
  DigestMismatchError,
  ImageFailedError,
  ImageGoneError,
} from "../errors.js";
import { persist, type Outcome } from "../pipeline/persist.js";
import { enterPhase } from "../run.js";
import { hasDigest } from "./image-state.js";
import type { UploadContext } from "./upload-context.js";

/**
 * Completes the image, after a last look at the source. An answer that was lost, or that says no, is
 * settled by looking: done only if the image is complete with our digest.
 *
 * @returns The image, and whether it was read back.
 */
export async function completeImage(
  ctx: UploadContext,
  image: { readonly imageId: string; readonly adopted: boolean },
  sha256: string,
): Promise<{ image: ImageUploadResponse; verified: boolean }> {
  const { run, journal, source, options } = ctx;
  enterPhase(run, "finishing");
  await source.check();
  await journal.append({ type: "completing", sha256 });
  const done = await persist(run, options.signal, () => completeOnce(ctx, image.imageId, sha256));
  const proven = hasDigest(done, sha256) && !image.adopted;
  const verified = !proven || options.verify === "download";
  if (verified) await readBackOrThrow(ctx, image.imageId, sha256);
  await journal.append({ type: "completed", atSec: Math.floor(run.clock.wallMs() / 1000) });
  return { image: done, verified };
}

async function completeOnce(
  { api }: UploadContext,
  imageId: string,
  sha256: string,
): Promise<Outcome<ImageUploadResponse>> {
  const answer = await api.completeOnce(imageId, sha256);
  if (answer.as === "done") return { ok: true, value: answer.value };
  const image = await api.get(imageId);
  if (image === null) throw new ImageGoneError(imageId, api.anew);
  if (image.uploadStatus === "failed") throw new ImageFailedError(imageId, api.anew);
  if (image.uploadStatus === "completed") {
    const theirs = image.sha256?.toLowerCase() ?? sha256;
    if (theirs === sha256) return { ok: true, value: image };
    throw new DigestMismatchError(
      `Image ${imageId}, which somebody else completed,`,
      sha256,
      theirs,
    );
  }
  if (answer.as === "refused" && answer.status !== 403) {
    throw new CompleteRefusedError(imageId, whyOf(answer.error), api.anew, { cause: answer.error });
  }
  if (answer.as === "refused") throw refusal("complete the upload", answer.error);
  return answer.outcome;
}

/** What is stored decides: nobody else has looked, and the image may not be ours alone. */
export async function readBackOrThrow(
  { run, api, server }: UploadContext,
  imageId: string,
  sha256: string,
): Promise<void> {
  // Loaded when it is needed: a page that uploads would carry all of a download for it.
  const { readBack } = await import("../read-back.js");
  const stored = await readBack(run, api, server, imageId);
  if (stored.sha256 === sha256) return;
  throw new DigestMismatchError(`Image ${imageId}, as it is stored,`, sha256, stored.sha256);
}
