import { apiFunction, type ApiFunction } from "./call.js";
import { nullable, toWire } from "./decode.js";
import { image } from "./image-answer.js";
import { imageName, workspaceOf } from "./image-input.js";
import type { ImageUploadResponse, StartUploadRequest } from "./models.js";
import { imagesPath } from "./operations.js";

/** Creates an image and starts its upload. A 409 means that the name is taken. */
export const imagesStartUpload: ApiFunction<StartUploadRequest, ImageUploadResponse> = apiFunction({
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
});
