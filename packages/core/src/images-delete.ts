import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import type { DeleteImageResponse } from "./models.js";
import type { DeleteImageRequest } from "./operation-models.js";
import { deleteImage } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";

/** Deletes an image, softly; its name is free again. Of an unfinished upload, this is the abort. */
export function imagesDelete(
  client: SfcCore,
  request: DeleteImageRequest,
  options?: RequestOptions,
): APIPromise<Result<DeleteImageResponse, CallError>> {
  return callApi(client, deleteImage, request, options);
}
