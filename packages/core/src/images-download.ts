import { apiFunction, type ApiFunction } from "./call.js";
import { fromWire, nullable, seconds, url, whole } from "./decode.js";
import { anySha256 } from "./image-answer.js";
import { imageOnly } from "./image-input.js";
import type { ImageDownloadResponse } from "./models.js";
import type { DownloadImageRequest } from "./operation-models.js";
import { imagesPath } from "./operations.js";

/** Gets a presigned URL to read an image from: one's own, or anybody's public one. */
export const imagesDownload: ApiFunction<DownloadImageRequest, ImageDownloadResponse> = apiFunction(
  {
    method: "GET",
    path: `${imagesPath}/{id}/download`,
    success: 200,
    errors: [401, 404, 409, 500],
    input: imageOnly,
    answer: fromWire<ImageDownloadResponse>({
      url,
      expiresAt: seconds,
      // The vendor's client turns a null into "", and its type has no null.
      sha256: (value, path) => nullable(anySha256)(value, path) ?? "",
      size: whole(0, Number.MAX_SAFE_INTEGER),
    }),
  },
);
