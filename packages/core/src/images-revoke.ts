import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import { imageEntry } from "./image-answer.js";
import { previewImageOnly } from "./image-input.js";
import type { ImageListEntry } from "./models.js";
import type { RevokeImageRequest } from "./operation-models.js";
import { imagesPath, type Operation } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";

const revokeImage: Operation<ImageListEntry> = {
  method: "POST",
  path: `${imagesPath}/{id}/revoke`,
  success: 200,
  errors: [401, 403, 404, 409, 500],
  input: previewImageOnly,
  answer: imageEntry,
};

/** Stops new instances from using an image; running ones are not affected. Only in preview. */
export function imagesRevoke(
  client: SfcCore,
  request: RevokeImageRequest,
  options?: RequestOptions,
): APIPromise<Result<ImageListEntry, CallError>> {
  return callApi(client, revokeImage, request, options);
}
