import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import { matching, toWire, type Decoder } from "./decode.js";
import { image } from "./image-answer.js";
import { imageRef } from "./image-input.js";
import type { ImageUploadResponse } from "./models.js";
import type { CompleteImageUploadRequest } from "./operation-models.js";
import { imagesPath, type Operation } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";
import { sha256Pattern } from "./wire.js";

const sha256 = matching("64 lower-case hex digits", sha256Pattern);

const completeUpload: Operation<ImageUploadResponse> = {
  method: "POST",
  path: `${imagesPath}/{id}/complete`,
  success: 200,
  errors: [400, 401, 403, 404, 500],
  input: (given, target) =>
    toWire<CompleteImageUploadRequest>({
      id: imageRef(target),
      body: toWire({ sha256 }) as Decoder<{ sha256: string }>,
    })(given, ""),
  answer: image,
};

/** Ends an upload once every part is there. The service takes the digest on trust. */
export function imagesCompleteUpload(
  client: SfcCore,
  request: CompleteImageUploadRequest,
  options?: RequestOptions,
): APIPromise<Result<ImageUploadResponse, CallError>> {
  return callApi(client, completeUpload, request, options);
}
