import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import type { ImageUploadResponse, StartUploadRequest } from "./models.js";
import { startUpload } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";

/** Creates an image and starts its upload. A 409 means that the name is taken. */
export function imagesStartUpload(
  client: SfcCore,
  request: StartUploadRequest,
  options?: RequestOptions,
): APIPromise<Result<ImageUploadResponse, CallError>> {
  return callApi(client, startUpload, request, options);
}
