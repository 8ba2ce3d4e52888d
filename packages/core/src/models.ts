import type { OpenEnum, Unrecognized } from "./open-enum.js";

/** The known values of an image's `uploadStatus`. */
export const ImageUploadStatus = {
  /** Created; no part has arrived. */
  Started: "started",
  /** Parts have arrived; it was not completed. */
  Uploading: "uploading",
  /** It can be downloaded, and no longer changed. */
  Completed: "completed",
  /** The service gave it up: delete it. */
  Failed: "failed",
  /** Preview: complete, but new instances can't use it until it is reinstated. */
  Revoked: "revoked",
} as const;
/** Where an image is in its life; a newer service may answer a value that is not listed. */
export type ImageUploadStatus = OpenEnum<typeof ImageUploadStatus>;

/** An image, as `startUpload` and `completeUpload` answer it. */
export interface ImageUploadResponse {
  /** Always "image". */
  object: "image";
  /** `image_` and 1 to 21 of `[0-9A-Za-z_-]`. */
  id: string;
  /** 1 to 255 characters; unique among the live images of an account or, in preview, of a workspace. */
  name: string;
  /** Where it is in its life; take a value that you don't know for unfinished. */
  uploadStatus: ImageUploadStatus;
  /** Hex; absent or null until the upload is complete. */
  sha256?: string | null | undefined;
  /** Unix seconds. */
  createdAt: number;
  /** Preview: `sfc:image:ACCOUNT:WORKSPACE:NAME`. */
  resourcePath?: string | undefined;
  /** Preview: the account that has it. */
  owner?: string | undefined;
  /** Preview: the workspace that it is in. */
  workspace?: string | undefined;
  /** Preview: the id of that workspace. */
  workspaceId?: string | undefined;
  /** Preview: whether other accounts can use it. */
  isPublic?: boolean | undefined;
  /** Preview: the number among the images of its name; 0 is unreported. */
  version?: number | undefined;
  /** Preview: Unix seconds; null where it is not deprecated. */
  deprecatedAt?: number | null | undefined;
}

/** An image, as `list` and `fetch` answer it. */
export interface ImageListEntry extends ImageUploadResponse {
  /** The provider, if the service gives it; absent or null otherwise. */
  provider?: string | null | undefined;
}

/** A page of images, newest first. */
export interface ListImagesResponse {
  /** Always "list". */
  object: "list";
  /** For the next call's `startingAfter`. */
  cursor?: string | null | undefined;
  /** Whether older images follow. */
  hasMore: boolean;
  /** The images, newest first; at most as many as `limit`. */
  data: ImageListEntry[];
}

/** Where an image can be downloaded, and what it is then. */
export interface ImageDownloadResponse {
  /** Presigned: anyone who has it can read the image, so treat it as a password. */
  url: string;
  /** Unix seconds. */
  expiresAt: number;
  /** 64 hex digits, in either case; empty where the service tells none. */
  sha256: string;
  /** Bytes. */
  size: number;
}

/** What was deleted. */
export interface DeleteImageResponse {
  /** Always "image". */
  object: "image";
  /** Whether it is deleted now. */
  deleted: boolean;
  /** The name that it had, which is free again. */
  name: string;
}

/** The account of a token. */
export interface AccountResponse {
  /** As resource paths name it. */
  id: string;
}

/** What a new image is to be. */
export interface StartUploadRequest {
  /**
   * 1 to 255 characters: a letter or digit, then letters, digits, `.`, `_` or `-`. Required in `v2`;
   * in preview, the service makes one up where it is absent or null.
   */
  name?: string | null | undefined;
  /** Preview: where the image is to be. @default the client's `workspace` */
  workspace?: string | undefined;
}

/** Which part a URL is wanted for. */
export interface UploadPartRequest {
  /** The caller's number for the part: a whole number from 1 (int32). */
  partId: number;
}

/** Where one part goes. */
export interface UploadPartResponse {
  /** Presigned: anyone who has it can write the part, so treat it as a password. */
  url: string;
  /** Unix seconds. */
  expiresAt: number;
}

/** The body of `complete`. */
export interface CompleteUploadRequest {
  /** Of the whole image, 64 lower-case hex digits. Not verified at upload but when a node boots. */
  sha256: string;
}

/** What is wrong with one field of a request. */
export interface ErrorDetail {
  /** Which field of the request; absent or null where it is none of them. */
  field?: string | null | undefined;
  /** What is wrong, for programs. */
  code: string;
  /** What is wrong, for a person. */
  message: string;
}

interface ApiErrorBody<Type extends string> {
  /** The kind of error, for programs; it goes with the status. */
  type: Type | Unrecognized<string>;
  /** What went wrong, for a person. */
  message: string;
}

interface DetailedErrorBody<Type extends string> extends ApiErrorBody<Type> {
  /** What is wrong with which field. */
  details?: ErrorDetail[] | undefined;
}

/** Of a 401: the token is missing, wrong or expired. */
export type UnauthorizedErrorError = ApiErrorBody<"authentication_error">;
/** Of a 403: the image is another account's. */
export type ForbiddenErrorError = ApiErrorBody<"forbidden">;
/** Of a 404: there is no such image, or no longer. */
export type NotFoundErrorError = ApiErrorBody<"not_found">;
/** Of a 402: the account has to pay first. No call about images declares it. */
export type PaymentRequiredErrorError = ApiErrorBody<"payment_required">;
/** Of a 500: the service failed, and may have acted. */
export type InternalServerErrorError = ApiErrorBody<"api_error">;

/** Of a 400: `details` says which field. */
export type BadRequestErrorError = DetailedErrorBody<"invalid_request_error">;
/** Of a 422: the request cannot be followed. No call about images declares it. */
export type UnprocessableEntityErrorError = DetailedErrorBody<"unprocessable_entity">;
/** Of a 409: the name is taken, or the image's state does not allow it. `details` are the conflicting fields. */
export type ConflictErrorError = DetailedErrorBody<"conflict">;

/** How a call is authorized. The vendor's name. */
export interface Security {
  /** The token. */
  bearerAuth?: string | undefined;
}
