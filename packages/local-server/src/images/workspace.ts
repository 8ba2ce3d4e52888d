import { createHash } from "node:crypto";

/** A workspace of an account, by both names. Names of images are unique in it. */
export interface Workspace {
  readonly account: string;
  readonly workspace: string;
}

/** The workspace that every account has, and the only one in v2 of the API. */
export const DEFAULT_WORKSPACE = "default";

/** Returns the id of a workspace, which is the same on every server and after every restart. */
export const workspaceId = ({ account, workspace }: Workspace): string =>
  `wksp_${createHash("sha256").update(`${account}:${workspace}`).digest("base64url").slice(0, 21)}`;

export const workspacePath = ({ account, workspace }: Workspace): string =>
  `sfc:workspace:${account}:${workspace}`;

/**
 * Returns the workspace as it is in keys of the disk and the bucket. Images of the default one are still where
 * they were before there were others. No account's name has a colon.
 */
export const ownerKey = ({ account, workspace }: Workspace): string =>
  workspace === DEFAULT_WORKSPACE ? account : `${account}:${workspace}`;

/** Returns a key for the name, unique among all workspaces. */
export const nameKey = (image: Workspace & { readonly name: string }): string =>
  `${ownerKey(image)}/${image.name}`;
