import {
  exactly,
  flag,
  fromWire,
  list,
  matching,
  nullable,
  optional,
  seconds,
  text,
  toWire,
  url,
  whole,
  type Decoder,
  type Fields,
} from "./decode.js";
import type { DeclaredStatus } from "./declared-errors.js";
import type {
  DeleteImageResponse,
  ImageDownloadResponse,
  ImageListEntry,
  ImageUploadResponse,
  ImageUploadStatus,
  ListImagesResponse,
  StartUploadRequest,
  UploadPartResponse,
} from "./models.js";
import type {
  CompleteImageUploadRequest,
  CreateImageUploadPartUrlRequest,
  FetchImageRequest,
  ListImagesRequest,
} from "./operation-models.js";
import { cursorPattern, imageIdPattern, imageNamePattern, sha256Pattern } from "./wire.js";

/** One operation of the Images API: its call, its answer, and the errors that it declares. */
export interface Operation<Answer> {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the server URL; `{id}` stands for the checked id. */
  readonly path: string;
  readonly success: 200 | 201;
  readonly errors: readonly DeclaredStatus[];
  /** Checks what the caller gave and puts it where it travels. */
  readonly input: Decoder<OperationInput>;
  readonly answer: Decoder<Answer>;
}

export interface OperationInput {
  readonly id?: string | undefined;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

const id = matching(imageIdPattern, '"image_" and 1 to 21 of [0-9A-Za-z_-]');
const name = matching(
  imageNamePattern,
  "1 to 255 characters, a letter or digit and then [a-zA-Z0-9._-]",
);
const cursor = matching(cursorPattern, '"imagec_" and then [A-Za-z0-9_-]');
const sha256 = matching(sha256Pattern, "64 lower-case hex digits");
/** A digest is compared without regard to case, so either is taken from the service. */
const anySha256 = matching(/^[0-9a-f]{64}$/i, "64 hex digits");
const lastPartId = 2 ** 31 - 1;

const imageFields: Fields<ImageUploadResponse> = {
  object: exactly("image"),
  id,
  name,
  uploadStatus: text as Decoder<ImageUploadStatus>, // open: an unlisted text is an `Unrecognized`
  sha256: nullable(anySha256),
  createdAt: seconds,
};
const image: Decoder<ImageUploadResponse> = fromWire(imageFields);
const entry: Decoder<ImageListEntry> = fromWire({ ...imageFields, provider: nullable(text) });

/** A page without more has `cursor` null, absent or, from the vendor's point of view, empty. */
const nextCursor: Decoder<string | null | undefined> = (value, path) =>
  value === "" ? null : nullable(cursor)(value, path);

const idOnly: Decoder<OperationInput> = toWire<FetchImageRequest>({ id });

export const listImages: Operation<ListImagesResponse> = {
  method: "GET",
  path: "v2/images",
  success: 200,
  errors: [400, 401, 500],
  input: (given, path) => ({
    query: toWire<ListImagesRequest>({
      limit: optional(whole(1, 200)),
      startingAfter: optional(cursor),
      endingBefore: optional(cursor),
      includeDeleted: optional(flag),
    })(given ?? {}, path),
  }),
  answer: fromWire<ListImagesResponse>({
    object: exactly("list"),
    cursor: nextCursor,
    hasMore: flag,
    data: list(entry),
  }),
};

export const startUpload: Operation<ImageUploadResponse> = {
  method: "POST",
  path: "v2/images",
  success: 201,
  errors: [400, 401, 403, 409, 500],
  input: (given, path) => ({ body: toWire<StartUploadRequest>({ name })(given, path) }),
  answer: image,
};

export const fetchImage: Operation<ImageListEntry> = {
  method: "GET",
  path: "v2/images/{id}",
  success: 200,
  errors: [401, 404, 500],
  input: idOnly,
  answer: entry,
};

export const deleteImage: Operation<DeleteImageResponse> = {
  method: "DELETE",
  path: "v2/images/{id}",
  success: 200,
  errors: [401, 404, 409, 500],
  input: idOnly,
  answer: fromWire<DeleteImageResponse>({ object: exactly("image"), deleted: flag, name }),
};

export const uploadPart: Operation<UploadPartResponse> = {
  method: "POST",
  path: "v2/images/{id}/parts",
  success: 200,
  errors: [400, 401, 403, 404, 500],
  input: toWire<CreateImageUploadPartUrlRequest>({
    id,
    body: toWire({ partId: whole(1, lastPartId) }) as Decoder<{ partId: number }>,
  }),
  answer: fromWire<UploadPartResponse>({ url, expiresAt: seconds }),
};

export const completeUpload: Operation<ImageUploadResponse> = {
  method: "POST",
  path: "v2/images/{id}/complete",
  success: 200,
  errors: [400, 401, 403, 404, 500],
  input: toWire<CompleteImageUploadRequest>({
    id,
    body: toWire({ sha256 }) as Decoder<{ sha256: string }>,
  }),
  answer: image,
};

export const downloadImage: Operation<ImageDownloadResponse> = {
  method: "GET",
  path: "v2/images/{id}/download",
  success: 200,
  errors: [401, 404, 409, 500],
  input: idOnly,
  answer: fromWire<ImageDownloadResponse>({
    url,
    expiresAt: seconds,
    // The vendor's client turns a null into "", and its type has no null.
    sha256: (value, path) => nullable(anySha256)(value, path) ?? "",
    size: whole(0, Number.MAX_SAFE_INTEGER),
  }),
};
