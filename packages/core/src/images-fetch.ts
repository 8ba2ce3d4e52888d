import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import type { ImageListEntry } from "./models.js";
import type { FetchImageRequest } from "./operation-models.js";
import { fetchImage } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";

/** Gets an image by its id: one's own, or anybody's public one. */
export function imagesFetch(
  client: SfcCore,
  request: FetchImageRequest,
  options?: RequestOptions,
): APIPromise<Result<ImageListEntry, CallError>> {
  return callApi(client, fetchImage, request, options);
}
