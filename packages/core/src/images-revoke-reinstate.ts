import { apiFunction, type ApiFunction } from "./call.js";
import { imageEntry } from "./image-answer.js";
import { previewImageOnly } from "./image-input.js";
import type { ImageListEntry } from "./models.js";
import type { ReinstateImageRequest, RevokeImageRequest } from "./operation-models.js";
import { imagesPath } from "./operations.js";

const inState = (call: string): ApiFunction<{ id: string }, ImageListEntry> =>
  apiFunction({
    method: "POST",
    path: `${imagesPath}/{id}/${call}`,
    success: 200,
    errors: [401, 403, 404, 409, 500],
    input: previewImageOnly,
    answer: imageEntry,
  });

/** Stops new instances from using an image; running ones are not affected. Only in preview. */
export const imagesRevoke: ApiFunction<RevokeImageRequest, ImageListEntry> = inState("revoke");

/** Lets new instances use a revoked image again. Only in preview. */
export const imagesReinstate: ApiFunction<ReinstateImageRequest, ImageListEntry> =
  inState("reinstate");
