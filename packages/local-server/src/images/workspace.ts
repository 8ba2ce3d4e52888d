import { createHash } from "node:crypto";

/** Where names are unique: a workspace of an account, both by their names. */
export interface Workspace {
  readonly account: string;
  readonly workspace: string;
}

/** The workspace that every account has: the only one that v2 of the API sees. */
export const DEFAULT_WORKSPACE = "default";

/** The same on every server, and after every restart. */
export const workspaceId = ({ account, workspace }: Workspace): string =>
  `wksp_${createHash("sha256").update(`${account}:${workspace}`).digest("base64url").slice(0, 21)}`;

export const workspacePath = ({ account, workspace }: Workspace): string =>
  `sfc:workspace:${account}:${workspace}`;

/**
 * The workspace in keys of the disk and the bucket. Images of the default one lie where they lay before there
 * were others; no account has a colon in its name.
 */
export const ownerKey = ({ account, workspace }: Workspace): string =>
  workspace === DEFAULT_WORKSPACE ? account : `${account}:${workspace}`;

/** A name as it is unique. */
export const nameKey = (image: Workspace & { readonly name: string }): string =>
  `${ownerKey(image)}/${image.name}`;
