import { ApiError } from "../http/answer.js";
import type { ApiVersion } from "../http/call.js";
import { isCompleted, statusOf } from "../images/image.js";
import type { ImageRecord, ImageStatus } from "../images/image.js";
import { DEFAULT_WORKSPACE } from "../images/workspace.js";

export type StatefulCall =
  "get" | "partUrl" | "complete" | "downloadUrl" | "delete" | "revoke" | "reinstate";

/** The caller of an operation, and the version of the API that it uses. */
export interface Viewer {
  readonly account: string;
  readonly apiVersion: ApiVersion;
  /** Whether every account may get and download an account's completed images. */
  readonly isPublic: (account: string) => boolean;
}

/**
 * The answer of each call in each state. The vendor documents the statuses; the states are our interpretation.
 * 200 means: continue; `complete` then compares digests.
 */
const OWN: Readonly<Record<StatefulCall, Readonly<Record<ImageStatus, number>>>> = {
  get: { started: 200, uploading: 200, completed: 200, failed: 200, revoked: 200 },
  partUrl: { started: 200, uploading: 200, completed: 400, failed: 400, revoked: 400 },
  complete: { started: 200, uploading: 200, completed: 200, failed: 400, revoked: 400 },
  downloadUrl: { started: 409, uploading: 409, completed: 200, failed: 409, revoked: 409 },
  delete: { started: 200, uploading: 200, completed: 200, failed: 200, revoked: 200 },
  revoke: { started: 409, uploading: 409, completed: 200, failed: 409, revoked: 409 },
  reinstate: { started: 409, uploading: 409, completed: 409, failed: 409, revoked: 200 },
};

const ANOTHERS_PUBLIC: Readonly<Record<ApiVersion, Readonly<Record<StatefulCall, number>>>> = {
  v2: {
    get: 200,
    partUrl: 403,
    complete: 403,
    downloadUrl: 200,
    delete: 404,
    revoke: 404,
    reinstate: 404,
  },
  preview: {
    get: 200,
    partUrl: 404,
    complete: 404,
    downloadUrl: 200,
    delete: 403,
    revoke: 403,
    reinstate: 403,
  },
};

const MESSAGES: Readonly<Record<number, string>> = {
  403: "The image belongs to another account.",
  404: "There is no such image.",
};

/** Checks that a call is allowed in the image's state. @throws {ApiError} 400, 403, 404 or 409, by the table. */
export function requireAllowed(
  call: StatefulCall,
  image: ImageRecord | undefined,
  viewer: Viewer,
): ImageRecord {
  const status = image === undefined ? 404 : verdictOn(call, image, viewer);
  if (image !== undefined && status === 200) return image;
  const column = image === undefined ? "unknown" : statusOf(image);
  const message = MESSAGES[status] ?? `The image is ${column}.`;
  throw new ApiError(status, message, [{ field: "id", code: `image_${column}`, message }]);
}

function verdictOn(call: StatefulCall, image: ImageRecord, viewer: Viewer): number {
  if (image.deleted) return 404;
  if (image.account !== viewer.account) {
    return isPublicImage(image, viewer) ? ANOTHERS_PUBLIC[viewer.apiVersion][call] : 404;
  }
  // v2 has no other workspaces.
  const isSeen = viewer.apiVersion === "preview" || image.workspace === DEFAULT_WORKSPACE;
  return isSeen ? OWN[call][statusOf(image)] : 404;
}

/** Whether an image is completed, not revoked, and of an account whose images are public. */
export const isPublicImage = (
  image: ImageRecord,
  { isPublic }: Pick<Viewer, "isPublic">,
): boolean => isCompleted(image) && statusOf(image) === "completed" && isPublic(image.account);
