import {
  ApiRefusedError,
  CompleteRefusedError,
  ImageFailedError,
  ImageGoneError,
  PartRefusedError,
  UploadLostError,
} from "../errors.js";
import type { UploadContext } from "./upload-context.js";

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
