import { apiFunction, type ApiFunction } from "./call.js";
import { matching, toWire, type Decoder } from "./decode.js";
import { image } from "./image-answer.js";
import { imageRef } from "./image-input.js";
import type { ImageUploadResponse } from "./models.js";
import type { CompleteImageUploadRequest } from "./operation-models.js";
import { imagesPath } from "./operations.js";
import { sha256Pattern } from "./wire.js";

const sha256 = matching("64 lower-case hex digits", sha256Pattern);

/** Ends an upload once every part is there. The service takes the digest on trust. */
export const imagesCompleteUpload: ApiFunction<CompleteImageUploadRequest, ImageUploadResponse> =
  apiFunction({
    method: "POST",
    path: `${imagesPath}/{id}/complete`,
    success: 200,
    errors: [400, 401, 403, 404, 500],
    input: (given, target) =>
      toWire<CompleteImageUploadRequest>({
        id: imageRef(target),
        body: toWire({ sha256 }) as Decoder<{ sha256: string }>,
      })(given, ""),
    answer: image,
  });
