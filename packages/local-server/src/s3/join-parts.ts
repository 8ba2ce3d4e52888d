import { IncompleteError } from "../images/image-store.js";
import { checkParts, unequalParts } from "../images/parts.js";
import { answerOf } from "./store-answer.js";
import { keys } from "./keys.js";
import { isUploadOver } from "./uploads.js";
import type { ArrivedPart, JoinedObject, Uploads } from "./uploads.js";

/**
 * Makes one object of the parts 1 to n. By several servers at once, or again after one has died on the
 * way, it is made once, and all find the same.
 *
 * @returns Undefined where parts came, the upload ended, or another joins them: look at the image again, later.
 * @throws {IncompleteError} What has arrived is not an image. A store would take gaps.
 */
export async function joinParts(
  uploads: Uploads,
  id: string,
  uploadId: string | undefined,
): Promise<JoinedObject | undefined> {
  if (uploadId === undefined) throw new IncompleteError(checkParts([]));
  const key = keys.bytes(id);
  const parts = await uploads.parts(key, uploadId);
  if (parts === undefined) return uploads.find(key);
  const details = checkParts(parts);
  if (details.length > 0) throw new IncompleteError(details);
  return join(uploads, key, uploadId, parts);
}

/** Whatever the answer is, the object's being there tells. Its ETag is asked for: an answer may lack it. */
async function join(
  uploads: Uploads,
  key: string,
  uploadId: string,
  parts: readonly ArrivedPart[],
): Promise<JoinedObject | undefined> {
  try {
    await uploads.join(key, uploadId, parts);
  } catch (error) {
    const object = await uploads.find(key);
    if (object !== undefined) return object;
    const details = answerOf(error)?.code === "InvalidPart" ? unequalParts(parts) : [];
    if (details.length > 0) throw new IncompleteError(details);
    if (!isMeanwhile(error)) throw error;
    return undefined;
  }
  return uploads.find(key);
}

/**
 * A part was sent again, or the upload was ended, after the parts were listed; or another server has them
 * joined just now, for which Ceph answers with an internal error.
 */
function isMeanwhile(error: unknown): boolean {
  const answer = answerOf(error);
  if (answer === undefined) return false;
  return isUploadOver(error) || answer.code === "InvalidPart" || answer.status >= 500;
}
