import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import { exactly, flag, fromWire } from "./decode.js";
import { imageName, imageOnly } from "./image-input.js";
import type { DeleteImageResponse } from "./models.js";
import type { DeleteImageRequest } from "./operation-models.js";
import { imagesPath, type Operation } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";

const deleteImage: Operation<DeleteImageResponse> = {
  method: "DELETE",
  path: `${imagesPath}/{id}`,
  success: 200,
  errors: [401, 404, 409, 500],
  input: imageOnly,
  answer: fromWire<DeleteImageResponse>({
    object: exactly("image"),
    deleted: flag,
    name: imageName,
  }),
};

/** Deletes an image, softly; its name is free again. Of an unfinished upload, this is the abort. */
export function imagesDelete(
  client: SfcCore,
  request: DeleteImageRequest,
  options?: RequestOptions,
): APIPromise<Result<DeleteImageResponse, CallError>> {
  return callApi(client, deleteImage, request, options);
}
