import type { WireImage } from "@img/core/wire";
import type { ApiVersion } from "../http/call.js";
import { statusOf } from "../images/image.js";
import type { ImageRecord } from "../images/image.js";
import { isPublicImage } from "./state-table.js";
import { workspaceId } from "../images/workspace.js";

/** Returns an image as a version of the API shows it. */
export function toWire(
  image: ImageRecord,
  apiVersion: ApiVersion,
  isPublic: (account: string) => boolean,
): WireImage {
  const { id, name, createdAtSec, state } = image;
  const inBoth: WireImage = {
    object: "image",
    id,
    name,
    upload_status: statusOf(image),
    created_at: createdAtSec,
    sha256: state.at === "completed" ? state.sha256 : null,
  };
  return apiVersion === "v2" ? inBoth : { ...inBoth, ...addedByPreview(image, isPublic) };
}

function addedByPreview(
  image: ImageRecord,
  isPublic: (account: string) => boolean,
): Partial<WireImage> {
  const { account, workspace, name } = image;
  return {
    resource_path: `sfc:image:${account}:${workspace}:${name}`,
    owner: account,
    workspace,
    workspace_id: workspaceId(image),
    is_public: isPublicImage(image, { isPublic }),
    version: 0,
    deprecated_at: null,
  };
}
