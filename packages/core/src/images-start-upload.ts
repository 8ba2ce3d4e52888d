import type { APIPromise } from "./api-promise.js";
import { callApi, type CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import { nullable, toWire } from "./decode.js";
import { image } from "./image-answer.js";
import { imageName, workspaceOf } from "./image-input.js";
import type { ImageUploadResponse, StartUploadRequest } from "./models.js";
import { imagesPath, type Operation } from "./operations.js";
import type { RequestOptions } from "./options.js";
import type { Result } from "./result.js";

const startUpload: Operation<ImageUploadResponse> = {
  method: "POST",
  path: imagesPath,
  success: 201,
  errors: [400, 401, 403, 409, 500],
  input: (given, target) => ({
    body: toWire<StartUploadRequest>({
      name: target.apiVersion === "v2" ? imageName : nullable(imageName),
      workspace: workspaceOf(target),
    })(given, ""),
  }),
  answer: image,
};

/** Creates an image and starts its upload. A 409 means that the name is taken. */
export function imagesStartUpload(
  client: SfcCore,
  request: StartUploadRequest,
  options?: RequestOptions,
): APIPromise<Result<ImageUploadResponse, CallError>> {
  return callApi(client, startUpload, request, options);
}
