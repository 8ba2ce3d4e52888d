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
 * What a refusal in the middle of an upload means: the image may be gone or have failed, which only the
 * service can tell. Any other error is what it was.
 */
export async function settleRefusal(
  { api, options }: UploadContext,
  imageId: string,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof PartRefusedError || error instanceof ApiRefusedError)) return error;
  const image = await api.get(imageId).catch(() => undefined);
  options.signal.throwIfAborted();
  if (image === undefined) return error; // nobody can tell; the refusal stands
  if (image === null) return new ImageGoneError(imageId, api.startOver, { cause: error });
  if (image.uploadStatus === "failed") return new ImageFailedError(imageId, api.startOver);
  const isLost = error instanceof PartRefusedError && error.status === 404;
  return isLost && image.uploadStatus !== "completed"
    ? new UploadLostError(imageId, api.startOver, { cause: error })
    : error;
}

/** Whether an image that ended so is replaced by a new one, where the caller said so. */
export const isLost = (error: unknown): boolean =>
  error instanceof ImageGoneError ||
  error instanceof ImageFailedError ||
  error instanceof CompleteRefusedError ||
  error instanceof UploadLostError;
