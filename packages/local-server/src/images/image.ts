import { DEFAULT_WORKSPACE } from "./workspace.js";
import type { Workspace } from "./workspace.js";

/** The state of an image. Each state has the fields that exist only then. */
export type ImageState =
  | { readonly at: "started" }
  | { readonly at: "uploading" }
  | {
      readonly at: "completed";
      readonly sha256: string;
      readonly imageBytes: number;
      readonly etag: string;
      readonly completedAtSec: number;
      /** Whether it is revoked: its bytes stay, but no URL for them is given out until it is reinstated. */
      readonly isRevoked?: boolean;
    }
  | { readonly at: "failed" };

/**
 * What the server knows about an image, except where its bytes are. Its workspace is the one in which it was
 * created.
 */
export interface ImageRecord extends Workspace {
  readonly id: string;
  readonly name: string;
  readonly createdAtSec: number;
  /** Increases with each new image, even if the clock goes back. "Newest first" sorts by it. */
  readonly order: number;
  readonly state: ImageState;
  readonly deleted: boolean;
  /** The time of deletion. Absent if the image is not deleted, or was deleted by an earlier version. */
  readonly deletedAtSec?: number;
}

export type CompletedImage = ImageRecord & {
  readonly state: Extract<ImageState, { at: "completed" }>;
};

/** The state of an image in the API. */
export type ImageStatus = ImageState["at"] | "revoked";

export const statusOf = ({ state }: ImageRecord): ImageStatus =>
  state.at === "completed" && state.isRevoked ? "revoked" : state.at;

/** Makes the record of a new image. */
export const newImage = (
  named: Workspace & Pick<ImageRecord, "id" | "name" | "order">,
  nowMs: number,
): ImageRecord => ({
  ...named,
  createdAtSec: Math.floor(nowMs / 1000),
  state: { at: "started" },
  deleted: false,
});

/** Whether all of its bytes are there; it may be revoked. */
export const isCompleted = (image: ImageRecord): image is CompletedImage =>
  image.state.at === "completed";

/** Whether it still takes parts. */
export const isOpen = (image: ImageRecord): boolean =>
  !image.deleted && (image.state.at === "started" || image.state.at === "uploading");

/** Returns the record of the deleted image. */
export const asDeleted = (image: ImageRecord, nowMs: number): ImageRecord => ({
  ...image,
  deleted: true,
  deletedAtSec: Math.floor(nowMs / 1000),
});

/** Returns the record of the revoked or reinstated image. */
export function withRevoked(image: ImageRecord, isRevoked: boolean): ImageRecord {
  if (!isCompleted(image)) throw new Error("bug: only a completed image can be revoked");
  return { ...image, state: { ...image.state, isRevoked } };
}

/** Completes a record that was written before there were workspaces. */
export const readImage = (stored: Omit<ImageRecord, "workspace">): ImageRecord => ({
  workspace: DEFAULT_WORKSPACE,
  ...stored,
});
