import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import type { ImageDownloadResponse } from "./models.js";
import type { DownloadImageRequest } from "./operation-models.js";
import { downloadImage } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";

/** Gets a presigned URL to read an image from: one's own, or anybody's public one. */
export function imagesDownload(
  client: SfcCore,
  request: DownloadImageRequest,
  options?: RequestOptions,
): APIPromise<Result<ImageDownloadResponse, CallError>> {
  return callApi(client, downloadImage, request, options);
}
