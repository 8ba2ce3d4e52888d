import { ownerKey } from "../images/workspace.js";
import type { Workspace } from "../images/workspace.js";

/**
 * What is where in the bucket.
 *
 * - `records/ID`: the image's record; what it says is true, whatever stands elsewhere.
 * - `names/OWNER/NAME`: whose the name is. Never deleted: an image that is deleted loses it to the next.
 * - `live/OWNER/ID`, `deleted/OWNER/ID`: for lists only. A crash may leave one that its record belies.
 * - `unsettled/ID`: the image is open, or its bytes are to be removed; what the sweep looks at.
 * - `images/ID`: the bytes.
 * - `probe/…`: what a server that starts tries out.
 *
 * An owner is a workspace: ACCOUNT for its default one, else ACCOUNT:WORKSPACE.
 */
export const keys = {
  record: (id: string): string => `records/${id}`,
  name: (owner: Workspace, name: string): string => `names/${ownerKey(owner)}/${name}`,
  live: (owner: Workspace, id: string = ""): string => `live/${ownerKey(owner)}/${id}`,
  deleted: (owner: Workspace, id: string = ""): string => `deleted/${ownerKey(owner)}/${id}`,
  allDeleted: "deleted/",
  unsettled: (id: string = ""): string => `unsettled/${id}`,
  probe: (start?: string): string => `probe/${start === undefined ? "" : `${start}/`}`,
  bytes: (id: string = ""): string => `images/${id}`,
} as const;

/**
 * The content of objects whose key says everything. It is not empty, because the SDK sends an empty text as a
 * stream of unknown length.
 */
export const MARK = "{}";

/** Returns the image's id, the last piece of a key. */
export const idIn = (key: string): string => key.slice(key.lastIndexOf("/") + 1);
