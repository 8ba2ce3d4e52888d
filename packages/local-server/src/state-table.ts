import type { Account } from "./options.js";
import { ApiError } from "./answer.js";
import { isCompleted } from "./image.js";
import type { ImageRecord } from "./image.js";

type StatefulCall = "get" | "partUrl" | "complete" | "downloadUrl" | "delete";
type Column = ImageRecord["state"]["at"] | "another's public";

/**
 * What each call answers in which state: the vendor documents the statuses, the states are our reading. 200
 * means: go on; `complete` then compares digests.
 */
const TABLE: Readonly<Record<StatefulCall, Readonly<Record<Column, number>>>> = {
  get: { started: 200, uploading: 200, completed: 200, failed: 200, "another's public": 200 },
  partUrl: { started: 200, uploading: 200, completed: 400, failed: 400, "another's public": 403 },
  complete: { started: 200, uploading: 200, completed: 200, failed: 400, "another's public": 403 },
  downloadUrl: {
    started: 409,
    uploading: 409,
    completed: 200,
    failed: 409,
    "another's public": 200,
  },
  delete: { started: 200, uploading: 200, completed: 200, failed: 200, "another's public": 404 },
};

const MESSAGES: Readonly<Record<number, string>> = {
  403: "The image belongs to another account.",
  404: "There is no such image.",
};

/**
 * Lets a call through to an image, or refuses it.
 *
 * @param publicAccounts Accounts whose completed images everybody may get and download.
 * @throws {ApiError} 400, 403, 404 or 409, by the table.
 */
export function requireAllowed(
  call: StatefulCall,
  image: ImageRecord | undefined,
  account: Account,
  publicAccounts: ReadonlySet<string>,
): ImageRecord {
  const column = columnOf(image, account, publicAccounts);
  const status = column === undefined ? 404 : TABLE[call][column];
  if (image !== undefined && status === 200) return image;
  const message = MESSAGES[status] ?? `The image is ${String(column)}.`;
  throw new ApiError(status, message, [{ field: "id", code: `image_${String(column)}`, message }]);
}

/** @returns Undefined for an image that is none to this account. */
function columnOf(
  image: ImageRecord | undefined,
  account: Account,
  publicAccounts: ReadonlySet<string>,
): Column | undefined {
  if (image === undefined || image.deleted) return undefined;
  if (image.account === account.name) return image.state.at;
  return isCompleted(image) && publicAccounts.has(image.account) ? "another's public" : undefined;
}
