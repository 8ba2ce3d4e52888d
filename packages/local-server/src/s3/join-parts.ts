import { IncompleteError } from "../images/image-store.js";
import { checkParts, unequalParts } from "../images/parts.js";
import { answerOf } from "./store-answer.js";
import { keys } from "./keys.js";
import { isUploadOver } from "./uploads.js";
import type { ArrivedPart, JoinedObject, Uploads } from "./uploads.js";

/**
 * Makes one object of the parts 1 to n. If several servers do so at once, or one does so after another has
 * died, it is made once, and all get the same object.
 *
 * @returns Undefined if new parts arrived, the upload ended, or another server is joining: read the image again
 * later.
 * @throws {IncompleteError} The parts are not a complete image. A store would accept gaps.
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

/**
 * Joins the parts. Whatever the answer is, the existence of the object decides. Its ETag is requested, since
 * the answer may lack it.
 */
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
 * Whether a part was sent again, or the upload ended, after the parts were listed; or another server is joining
 * them, for which Ceph answers with an internal error.
 */
function isMeanwhile(error: unknown): boolean {
  const answer = answerOf(error);
  if (answer === undefined) return false;
  return isUploadOver(error) || answer.code === "InvalidPart" || answer.status >= 500;
}
