/**
 * What travels between a client and the Images API: the JSON shapes, snake_case as sent, and the
 * patterns that both sides check. The shapes are those of `models.ts`, under their names on the wire.
 */
import type {
  AccountResponse,
  BadRequestErrorError,
  CompleteUploadRequest,
  DeleteImageResponse,
  ErrorDetail,
  ImageDownloadResponse,
  ImageListEntry,
  ImageUploadStatus,
  ListImagesResponse,
  StartUploadRequest,
  UploadPartRequest,
  UploadPartResponse,
} from "./models.js";
import type { ListImagesRequest } from "./operation-models.js";

/** `image_` and 1 to 21 of `[0-9A-Za-z_-]`. */
export const imageIdPattern: RegExp = /^image_[0-9A-Za-z_-]{1,21}$/;

/** What is accepted as an id: also the older form, `vmi_`, which is never given out. */
export const acceptedIdPattern: RegExp = /^(image|vmi)_[0-9A-Za-z_-]{1,21}$/;

/** A workspace's id: `wksp_` and 1 to 21 of `[0-9A-Za-z_-]`. */
export const workspaceIdPattern: RegExp = /^wksp_[0-9A-Za-z_-]{1,21}$/;

/** A workspace's path: `sfc:workspace:<account>:<name>`, of which the groups are the last two. */
export const workspacePathPattern: RegExp =
  /^sfc:workspace:([a-zA-Z0-9._-]{1,255}):([a-zA-Z0-9._-]{1,255})$/;

/**
 * An image's resource path: `sfc:image:<account>:<workspace>:<name>`, of which the groups are the last three,
 * and then the version, where one follows an `@`.
 */
export const imagePathPattern: RegExp =
  /^sfc:image:([a-zA-Z0-9._-]{1,255}):([a-zA-Z0-9._-]{1,255}):([a-zA-Z0-9._-]{1,255})(?:@([0-9]{1,10}))?$/;

/** 1 to 255 characters: a letter or digit, then letters, digits, `.`, `_` or `-`. */
export const imageNamePattern: RegExp = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,254}$/;

/** `imagec_` and at least one of `[A-Za-z0-9_-]`. */
export const cursorPattern: RegExp = /^imagec_[A-Za-z0-9_-]+$/;

/** 64 lower-case hex digits. */
export const sha256Pattern: RegExp = /^[0-9a-f]{64}$/;

/** `createdAt` as `created_at`. */
type SnakeCase<Name> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : Name;

/** A shape under its names on the wire. What is absent there is not `undefined`. */
type Wire<Shape> = {
  [Name in keyof Shape as SnakeCase<Name>]: Exclude<Shape[Name], undefined>;
};

/** Where an image is in its life. A client must accept a value that is not in this list. */
export type UploadStatus = (typeof ImageUploadStatus)[keyof typeof ImageUploadStatus];

/** An image, as every operation but `delete` answers it; `provider` not with startUpload and completeUpload. */
export interface WireImage extends Wire<Omit<ImageListEntry, "uploadStatus">> {
  /** Where it is in its life. */
  upload_status: UploadStatus;
}

/** The answer to `GET /v1/account/me`, of which only this is used. */
export type WireAccount = Wire<AccountResponse>;

/** The answer to `GET /v2/images`, newest first. */
export interface WireImageList extends Wire<Omit<ListImagesResponse, "data">> {
  /** The images, newest first. */
  data: WireImage[];
}

/** The query of `GET /v2/images`; on the wire each value is text, and each `id` a parameter of its own. */
export type WireListQuery = Wire<ListImagesRequest>;

/** The body of `POST /v2/images`. */
export type WireStartUpload = Wire<StartUploadRequest>;

/** The body of `POST /v2/images/{id}/parts`. */
export type WireUploadPart = Wire<UploadPartRequest>;

/** The body of `POST /v2/images/{id}/complete`. */
export type WireCompleteUpload = Wire<CompleteUploadRequest>;

/** The answer to `POST /v2/images/{id}/parts`. */
export type WirePartUrl = Wire<UploadPartResponse>;

/** The answer to `GET /v2/images/{id}/download`. */
export type WireDownload = Wire<ImageDownloadResponse>;

/** The answer to `DELETE /v2/images/{id}`. */
export type WireDeleted = Wire<DeleteImageResponse>;

/** What is wrong with one field; comes with 400 and 409. */
export type WireErrorDetail = Wire<ErrorDetail>;

/** `type` of an error: 400, 401, 403, 404, 409 and 500, in this order; and what else the vendor lists. */
export type WireErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "api_error"
  | "idempotency_error"
  | "request_timed_out"
  | "not_implemented"
  | "upgrade_required"
  | "payment_required"
  | "service_unavailable"
  | "unprocessable_entity"
  | "gone";

/** The body of every error. */
export interface WireError {
  /** What went wrong. */
  error: Wire<Omit<BadRequestErrorError, "type">> & {
    /** The kind of error; it goes with the status. */
    type: WireErrorType;
  };
}
