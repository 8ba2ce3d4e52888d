import { apiFunction, type ApiFunction } from "./call.js";
import { toWire } from "./decode.js";
import { imageEntry } from "./image-answer.js";
import { imageIdOrPath } from "./image-input.js";
import type { ImageListEntry } from "./models.js";
import type { FetchImageRequest } from "./operation-models.js";
import { imagesPath } from "./operations.js";

/** Gets an image by its id: one's own, or anybody's public one. */
export const imagesFetch: ApiFunction<FetchImageRequest, ImageListEntry> = apiFunction({
  method: "GET",
  path: `${imagesPath}/{id}`,
  success: 200,
  errors: [401, 404, 500],
  input: (given, target) => toWire<FetchImageRequest>({ id: imageIdOrPath(target) })(given, ""),
  answer: imageEntry,
});
