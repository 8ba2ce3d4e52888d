import { apiFunction, type ApiFunction } from "./call.js";
import { fromWire, seconds, toWire, url, whole, type Decoder } from "./decode.js";
import { imageRef } from "./image-input.js";
import type { UploadPartResponse } from "./models.js";
import type { CreateImageUploadPartUrlRequest } from "./operation-models.js";
import { imagesPath } from "./operations.js";

const lastPartId = 2 ** 31 - 1;

/** Gets a presigned URL to `PUT` one part to. Sending a part again replaces it. */
export const imagesUploadPart: ApiFunction<CreateImageUploadPartUrlRequest, UploadPartResponse> =
  apiFunction({
    method: "POST",
    path: `${imagesPath}/{id}/parts`,
    success: 200,
    errors: [400, 401, 403, 404, 500],
    input: (given, target) =>
      toWire<CreateImageUploadPartUrlRequest>({
        id: imageRef(target),
        body: toWire({ partId: whole(1, lastPartId) }) as Decoder<{ partId: number }>,
      })(given, ""),
    answer: fromWire<UploadPartResponse>({ url, expiresAt: seconds }),
  });
