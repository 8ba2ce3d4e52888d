import type { WireErrorDetail } from "@img/core/wire";
import { ApiError } from "../http/answer.js";

/** The refusal of a call for one of its fields. */
export const invalid = (detail: WireErrorDetail): ApiError =>
  new ApiError(400, detail.message, [detail]);

export function unknownInV2(field: string): ApiError {
  const message = `v2 of the API has no ${field}; use /preview/v2/images.`;
  return invalid({ field, code: "unknown", message });
}
