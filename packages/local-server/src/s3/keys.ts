import { ownerKey } from "../images/workspace.js";
import type { Workspace } from "../images/workspace.js";

/**
 * The keys of a bucket.
 *
 * - `records/ID`: the image's record. Where keys and records differ, the record is right.
 * - `names/OWNER/NAME`: the image that has the name. Never deleted: when its image is deleted, the next one gets it.
 * - `live/OWNER/ID`, `deleted/OWNER/ID`: only for lists. A crash may leave one that contradicts the record.
 * - `unsettled/ID`: the image is open, or its bytes have to be removed. The sweep reads these.
 * - `images/ID`: the bytes.
 * - `probe/…`: what a starting server uses for its trials.
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
