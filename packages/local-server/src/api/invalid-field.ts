import type { WireErrorDetail } from "@img/core/wire";
import { ApiError } from "../http/answer.js";

/** Makes the error for a call with an invalid field. */
export const invalid = (detail: WireErrorDetail): ApiError =>
  new ApiError(400, detail.message, [detail]);

export function unknownInV2(field: string): ApiError {
  const message = `v2 of the API has no ${field}; use /preview/v2/images.`;
  return invalid({ field, code: "unknown", message });
}
