import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import { toWire } from "./decode.js";
import { imageEntry } from "./image-answer.js";
import { imageIdOrPath } from "./image-input.js";
import type { ImageListEntry } from "./models.js";
import type { FetchImageRequest } from "./operation-models.js";
import { imagesPath, type Operation } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";

const fetchImage: Operation<ImageListEntry> = {
  method: "GET",
  path: `${imagesPath}/{id}`,
  success: 200,
  errors: [401, 404, 500],
  input: (given, target) => toWire<FetchImageRequest>({ id: imageIdOrPath(target) })(given, ""),
  answer: imageEntry,
};

/** Gets an image by its id: one's own, or anybody's public one. */
export function imagesFetch(
  client: SfcCore,
  request: FetchImageRequest,
  options?: RequestOptions,
): APIPromise<Result<ImageListEntry, CallError>> {
  return callApi(client, fetchImage, request, options);
}
