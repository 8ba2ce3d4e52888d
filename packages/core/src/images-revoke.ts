import { apiFunction, type ApiFunction } from "./call.js";
import { imageEntry } from "./image-answer.js";
import { previewImageOnly } from "./image-input.js";
import type { ImageListEntry } from "./models.js";
import type { RevokeImageRequest } from "./operation-models.js";
import { imagesPath } from "./operations.js";

/** Stops new instances from using an image; running ones are not affected. Only in preview. */
export const imagesRevoke: ApiFunction<RevokeImageRequest, ImageListEntry> = apiFunction({
  method: "POST",
  path: `${imagesPath}/{id}/revoke`,
  success: 200,
  errors: [401, 403, 404, 409, 500],
  input: previewImageOnly,
  answer: imageEntry,
});
