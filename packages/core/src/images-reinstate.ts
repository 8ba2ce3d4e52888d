import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import { imageEntry } from "./image-answer.js";
import { previewImageOnly } from "./image-input.js";
import type { ImageListEntry } from "./models.js";
import type { ReinstateImageRequest } from "./operation-models.js";
import { imagesPath, type Operation } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";

const reinstateImage: Operation<ImageListEntry> = {
  method: "POST",
  path: `${imagesPath}/{id}/reinstate`,
  success: 200,
  errors: [401, 403, 404, 409, 500],
  input: previewImageOnly,
  answer: imageEntry,
};

/** Lets new instances use a revoked image again. Only in preview. */
export function imagesReinstate(
  client: SfcCore,
  request: ReinstateImageRequest,
  options?: RequestOptions,
): APIPromise<Result<ImageListEntry, CallError>> {
  return callApi(client, reinstateImage, request, options);
}
