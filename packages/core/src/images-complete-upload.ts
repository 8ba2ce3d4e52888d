import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import type { ImageUploadResponse } from "./models.js";
import type { CompleteImageUploadRequest } from "./operation-models.js";
import { completeUpload } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";

/** Ends an upload once every part is there. The service takes the digest on trust. */
export function imagesCompleteUpload(
  client: SfcCore,
  request: CompleteImageUploadRequest,
  options?: RequestOptions,
): APIPromise<Result<ImageUploadResponse, CallError>> {
  return callApi(client, completeUpload, request, options);
}
