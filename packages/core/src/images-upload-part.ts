import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import type { UploadPartResponse } from "./models.js";
import type { CreateImageUploadPartUrlRequest } from "./operation-models.js";
import { uploadPart } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";

/** Gets a presigned URL to `PUT` one part to. Sending a part again replaces it. */
export function imagesUploadPart(
  client: SfcCore,
  request: CreateImageUploadPartUrlRequest,
  options?: RequestOptions,
): APIPromise<Result<UploadPartResponse, CallError>> {
  return callApi(client, uploadPart, request, options);
}
