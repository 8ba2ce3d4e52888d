import { apiFunction, type ApiFunction } from "./call.js";
import {
  exactly,
  flag,
  fromWire,
  list,
  matching,
  nullable,
  optional,
  toWire,
  whole,
  type Decoder,
} from "./decode.js";
import { imageEntry } from "./image-answer.js";
import { idsOf, includeDeletedOf, workspaceOf } from "./image-input.js";
import type { ListImagesResponse } from "./models.js";
import type { ListImagesRequest } from "./operation-models.js";
import { imagesPath } from "./operations.js";
import { cursorPattern } from "./wire.js";

const cursor = matching('"imagec_" and then [A-Za-z0-9_-]', cursorPattern);

/** A page without more has `cursor` null, absent or, from the vendor's point of view, empty. */
const nextCursor: Decoder<string | null | undefined> = (value, path) =>
  value === "" ? null : nullable(cursor)(value, path);

/** Gets one page of one's own images, newest first, without iterating: `cursor` leads to the next one. */
export const imagesListPage: ApiFunction<ListImagesRequest | undefined, ListImagesResponse> =
  apiFunction({
    method: "GET",
    path: imagesPath,
    success: 200,
    errors: [400, 401, 500],
    input: (given, target) => ({
      query: toWire<ListImagesRequest>({
        limit: optional(whole(1, 200)),
        startingAfter: optional(cursor),
        endingBefore: optional(cursor),
        includeDeleted: includeDeletedOf(target),
        workspace: workspaceOf(target),
        id: idsOf(target),
      })(given ?? {}, ""),
    }),
    answer: fromWire<ListImagesResponse>({
      object: exactly("list"),
      cursor: nextCursor,
      hasMore: flag,
      data: list(imageEntry),
    }),
  });
