import { apiFunction, type ApiFunction } from "./call.js";
import { exactly, flag, fromWire } from "./decode.js";
import { imageName, imageOnly } from "./image-input.js";
import type { DeleteImageResponse } from "./models.js";
import type { DeleteImageRequest } from "./operation-models.js";
import { imagesPath } from "./operations.js";

/** Deletes an image, softly; its name is free again. Of an unfinished upload, this is the abort. */
export const imagesDelete: ApiFunction<DeleteImageRequest, DeleteImageResponse> = apiFunction({
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
});
