import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import { fromWire, seconds, toWire, url, whole, type Decoder } from "./decode.js";
import { imageRef } from "./image-input.js";
import type { UploadPartResponse } from "./models.js";
import type { CreateImageUploadPartUrlRequest } from "./operation-models.js";
import { imagesPath, type Operation } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";

const lastPartId = 2 ** 31 - 1;

const uploadPart: Operation<UploadPartResponse> = {
  method: "POST",
  path: `${imagesPath}/{id}/parts`,
  success: 200,
  errors: [400, 401, 403, 404, 500],
  input: (given, target) =>
    toWire<CreateImageUploadPartUrlRequest>({
      id: imageRef(target),
      body: toWire({ partId: whole(1, lastPartId) }) as Decoder<{ partId: number }>,
    })(given, ""),
  answer: fromWire<UploadPartResponse>({ url, expiresAt: seconds }),
};

/** Gets a presigned URL to `PUT` one part to. Sending a part again replaces it. */
export function imagesUploadPart(
  client: SfcCore,
  request: CreateImageUploadPartUrlRequest,
  options?: RequestOptions,
): APIPromise<Result<UploadPartResponse, CallError>> {
  return callApi(client, uploadPart, request, options);
}
