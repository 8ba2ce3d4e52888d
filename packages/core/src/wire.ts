/**
 * What travels between a client and the Images API: the JSON shapes, snake_case as sent, and the
 * patterns that both sides check.
 */

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

/** Where an image is in its life. A client must accept a value that is not in this list. */
export type UploadStatus = "started" | "uploading" | "completed" | "failed" | "revoked";

/** An image, as every operation but `delete` answers it. */
export interface WireImage {
  /** Always "image". */
  object: "image";
  /** See {@link imageIdPattern}. */
  id: string;
  /** See {@link imageNamePattern}. */
  name: string;
  /** Where it is in its life. */
  upload_status: UploadStatus;
  /** Unix seconds. */
  created_at: number;
  /** Hex; absent or null until the upload is complete. */
  sha256?: string | null;
  /** Not with startUpload and completeUpload. */
  provider?: string | null;
  /** Preview: see {@link imagePathPattern}. */
  resource_path?: string;
  /** Preview: the name of the account that owns it. */
  owner?: string;
  /** Preview: the name of its workspace. */
  workspace?: string;
  /** Newer previews: see {@link workspaceIdPattern}. */
  workspace_id?: string;
  /** Newer previews: whether every account may download it. */
  is_public?: boolean;
  /** Newer previews: a whole number; 0 where versions are not reported. */
  version?: number;
  /** Newer previews: Unix seconds; null while it is not deprecated. */
  deprecated_at?: number | null;
}

/** The answer to `GET /v1/account/me`, of which only this is used. */
export interface WireAccount {
  /** Part of each path of its workspaces: see {@link workspacePathPattern}. */
  id: string;
}

/** The answer to `GET /v2/images`, newest first. */
export interface WireImageList {
  /** Always "list". */
  object: "list";
  /** For the next call's `starting_after`. */
  cursor?: string | null;
  /** Whether older images follow. */
  has_more: boolean;
  /** The images, newest first. */
  data: WireImage[];
}

/** The query of `GET /v2/images`; on the wire each value is text. */
export interface WireListQuery {
  /** 1 to 200, 50 if absent. */
  limit?: number;
  /** A cursor: what is older than it. */
  starting_after?: string;
  /** A cursor: what is newer than it. With both, what lies between. */
  ending_before?: string;
  /** v2: deleted images too; false if absent. */
  include_deleted?: boolean;
  /** Preview, required: a workspace's id or path. */
  workspace?: string;
  /** Preview: only these images. Each is a parameter of its own. */
  id?: readonly string[];
}

/** The body of `POST /v2/images`. */
export interface WireStartUpload {
  /** See {@link imageNamePattern}. Optional in preview, where the server makes one. */
  name?: string | null;
  /** Preview, required: a workspace's id or path. */
  workspace?: string;
}

/** The body of `POST /v2/images/{id}/parts`. */
export interface WireUploadPart {
  /** A whole number from 1 (int32). */
  part_id: number;
}

/** The body of `POST /v2/images/{id}/complete`. */
export interface WireCompleteUpload {
  /** 64 lower-case hex digits, of the whole image. */
  sha256: string;
}

/** The answer to `POST /v2/images/{id}/parts`. */
export interface WirePartUrl {
  /** Presigned: a password. */
  url: string;
  /** Unix seconds. */
  expires_at: number;
}

/** The answer to `GET /v2/images/{id}/download`. */
export interface WireDownload {
  /** Presigned: a password. */
  url: string;
  /** Unix seconds. */
  expires_at: number;
  /** Of the whole image, hex. */
  sha256: string;
  /** Bytes. */
  size: number;
}

/** The answer to `DELETE /v2/images/{id}`. */
export interface WireDeleted {
  /** Always "image". */
  object: "image";
  /** Whether it is deleted now. */
  deleted: boolean;
  /** The name that it had, which is free again. */
  name: string;
}

/** What is wrong with one field; comes with 400 and 409. */
export interface WireErrorDetail {
  /** Which field of the request; absent or null where it is none of them. */
  field?: string | null;
  /** What is wrong, for programs. */
  code: string;
  /** What is wrong, for a person. */
  message: string;
}

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
  error: {
    /** The kind of error; it goes with the status. */
    type: WireErrorType;
    /** What went wrong, for a person. */
    message: string;
    /** With 400 and 409. */
    details?: WireErrorDetail[];
  };
}
