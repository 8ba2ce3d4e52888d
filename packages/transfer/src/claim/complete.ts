import type { ImageUploadResponse } from "@img/core/models";
import type { Api } from "../service/api.js";
import {
  ApiRefusedError,
  CompleteRefusedError,
  DigestMismatchError,
  ImageFailedError,
  ImageGoneError,
  ImageNotReadyError,
  PartRefusedError,
  UploadLostError,
} from "../errors.js";
import { loaded } from "../errors/loaded.js";
import { persist, type Outcome } from "../request/persist.js";
import { enterPhase } from "../run/run.js";
import { hasDigest } from "../service/answers.js";
import { ImageUrl } from "../service/image-url.js";
import { formatOf } from "./source-check.js";
import { imageInUse, type UploadContext } from "./upload-context.js";

/**
 * Completes the image. After a lost answer or a refusal, the image is looked up: it is done only if it is
 * complete and has our digest.
 *
 * @returns The image, and whether it was read back.
 * @throws {DigestMismatchError} The digest is not the expected one; nothing is completed.
 */
export async function completeImage(
  ctx: UploadContext,
  image: { readonly imageId: string; readonly adopted: boolean },
  sha256: string,
): Promise<{ image: ImageUploadResponse; verified: boolean }> {
  const { run, journal, options } = ctx;
  enterPhase(run, "finishing");
  checkExpected(ctx, sha256, "Nothing was completed.");
  await journal.append({ type: "completing", sha256 });
  const done = await persist(run, options.signal, completing(ctx, image.imageId, sha256));
  const proven = hasDigest(done, sha256) && !image.adopted;
  const verified = !proven || options.readBack;
  if (verified) await readBackOrThrow(ctx, image.imageId, sha256);
  await journal.append({ type: "completed", atSec: Math.floor(run.clock.wallMs() / 1000) });
  return { image: done, verified };
}

/**
 * Returns one try to complete the image, for `persist`. Once the service has accepted the call, the next tries
 * only ask for the image's state. An answer that does not show a complete image with our digest is settled by
 * looking the image up.
 */
function completing(
  { api, name }: UploadContext,
  imageId: string,
  sha256: string,
): () => Promise<Outcome<ImageUploadResponse>> {
  let accepted = false;
  return async () => {
    const answer = accepted ? null : await api.completeOnce({ id: imageId, name }, sha256);
    accepted ||= answer?.as === "done";
    if (answer?.as === "done" && isDone(answer.value, sha256)) {
      return { ok: true, value: answer.value };
    }
    const image = await imageInUse(api, imageId);
    if (image.uploadStatus === "completed") return { ok: true, value: ours(image, sha256) };
    if (answer === null || answer.as === "done") {
      const isOver = isOfUnknownState(image) && (await isThere(api, imageId, sha256));
      return isOver ? { ok: true, value: image } : notYet(image);
    }
    if (answer.as !== "refused") return answer.outcome;
    if (answer.status === 403) throw answer.error;
    const cause = answer.error.cause as Error; // core's
    throw new CompleteRefusedError(imageId, cause.message, api.startOver, { cause });
  };
}

const isOfUnknownState = ({ uploadStatus }: ImageUploadResponse): boolean =>
  !["started", "uploading", "completed", "failed", "revoked"].includes(uploadStatus);

/** Whether the image can be downloaded, which only complete images can, whatever a newer service calls that state. */
async function isThere(api: Api, imageId: string, sha256: string): Promise<boolean> {
  try {
    const told = await api.downloadUrl(imageId);
    return told.sha256 === "" || told.sha256.toLowerCase() === sha256;
  } catch (error) {
    if (error instanceof ImageNotReadyError) return false;
    throw error;
  }
}

const isDone = (image: ImageUploadResponse, sha256: string): boolean =>
  image.uploadStatus === "completed" && (!image.sha256 || hasDigest(image, sha256));

/** @throws {DigestMismatchError} It was completed with another digest. */
function ours(image: ImageUploadResponse, sha256: string): ImageUploadResponse {
  if (isDone(image, sha256)) return image;
  const what = `Image ${image.id}, which another client completed,`;
  throw new DigestMismatchError(what, sha256, image.sha256!.toLowerCase());
}

/** The outcome while the service has accepted the call and has not finished it: ask again later. */
function notYet({ id, uploadStatus }: ImageUploadResponse): Outcome<never> {
  const why = `image ${id} is still ${uploadStatus}, although the service accepted its SHA-256`;
  const error = new ApiRefusedError(`Could not complete the upload: ${why}.`);
  return { ok: false, failure: { kind: "unfinished" }, reachedBytes: 0, error };
}

/**
 * Downloads the stored image and compares its SHA-256. Needed if the service tells no digest, or another client
 * may have sent parts. @throws {DigestMismatchError} The stored image has other bytes.
 */
export async function readBackOrThrow(
  { run, api, server }: UploadContext,
  imageId: string,
  sha256: string,
): Promise<void> {
  const { readBack } = await loadReadBack();
  const stored = await readBack(run, new ImageUrl(api, server, imageId));
  if (stored.sha256 === sha256) return;
  throw new DigestMismatchError(`The stored image ${imageId}`, sha256, stored.sha256);
}

/** Loads `readBack` when it is needed, so that the bundle of a page that only uploads has no code for downloads. */
export const loadReadBack = (): Promise<typeof import("../fetching/passing-output.js")> =>
  loaded(import("../fetching/passing-output.js"));

/**
 * Compares the SHA-256 of the source's disk with the expected one.
 *
 * @param outcome What the service has if they differ, as a sentence.
 * @throws {DigestMismatchError} They differ.
 */
export function checkExpected(
  { options, source }: UploadContext,
  sha256: string,
  outcome: string,
): void {
  const { expectedSha256 } = options;
  if (expectedSha256 === null || expectedSha256 === sha256) return;
  const what = formatOf(source) === "raw" ? source.label : `The disk in ${source.label}`;
  const advice = `${outcome} Check the file and the expected SHA-256, then upload again.`;
  throw new DigestMismatchError(what, expectedSha256, sha256, advice);
}

/**
 * Finds the reason for a refusal in the middle of an upload: asks the service whether the image is gone or has
 * failed. Returns other errors unchanged.
 */
export async function settleRefusal(
  { api, options }: UploadContext,
  imageId: string,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof PartRefusedError || error instanceof ApiRefusedError)) return error;
  const image = await api.get(imageId).catch(() => undefined);
  options.signal.throwIfAborted();
  if (image === undefined) return error; // the service does not answer: keep the refusal
  if (image === null) return new ImageGoneError(imageId, api.startOver, { cause: error });
  if (image.uploadStatus === "failed") return new ImageFailedError(imageId, api.startOver);
  const isLost = error instanceof PartRefusedError && error.status === 404;
  return isLost && image.uploadStatus !== "completed"
    ? new UploadLostError(imageId, api.startOver, { cause: error })
    : error;
}

/** Whether an error means that the image is lost, so that `ifImageGone` decides. */
export const isLost = (error: unknown): boolean =>
  error instanceof ImageGoneError ||
  error instanceof ImageFailedError ||
  error instanceof CompleteRefusedError ||
  error instanceof UploadLostError;
