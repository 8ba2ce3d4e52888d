import { apiFunction, type ApiFunction } from "./call.js";
import { imageEntry } from "./image-answer.js";
import { previewImageOnly } from "./image-input.js";
import type { ImageListEntry } from "./models.js";
import type { ReinstateImageRequest } from "./operation-models.js";
import { imagesPath } from "./operations.js";

/** Lets new instances use a revoked image again. Only in preview. */
export const imagesReinstate: ApiFunction<ReinstateImageRequest, ImageListEntry> = apiFunction({
  method: "POST",
  path: `${imagesPath}/{id}/reinstate`,
  success: 200,
  errors: [401, 403, 404, 409, 500],
  input: previewImageOnly,
  answer: imageEntry,
});
