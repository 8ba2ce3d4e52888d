import { DEFAULT_WORKSPACE } from "./workspace.js";
import type { Workspace } from "./workspace.js";

/** How far an image is; each state carries what exists only then. */
export type ImageState =
  | { readonly at: "started" }
  | { readonly at: "uploading" }
  | {
      readonly at: "completed";
      readonly sha256: string;
      readonly imageBytes: number;
      readonly etag: string;
      readonly completedAtSec: number;
      /** Its bytes stay, but nobody gets a URL for them until it is reinstated. */
      readonly isRevoked?: boolean;
    }
  | { readonly at: "failed" };

/** What the server knows of an image, but for where its bytes are. Its workspace is where it was created. */
export interface ImageRecord extends Workspace {
  readonly id: string;
  readonly name: string;
  readonly createdAtSec: number;
  /** Strictly rises from image to image, also when the clock goes back: "newest first" is by this. */
  readonly order: number;
  readonly state: ImageState;
  readonly deleted: boolean;
  /** Absent if the image is not deleted, or was deleted by an earlier version. */
  readonly deletedAtSec?: number;
}

export type CompletedImage = ImageRecord & {
  readonly state: Extract<ImageState, { at: "completed" }>;
};

/** What the API says of an image's state. */
export type ImageStatus = ImageState["at"] | "revoked";

export const statusOf = ({ state }: ImageRecord): ImageStatus =>
  state.at === "completed" && state.isRevoked ? "revoked" : state.at;

/** An image that was just created. */
export const newImage = (
  named: Workspace & Pick<ImageRecord, "id" | "name" | "order">,
  nowMs: number,
): ImageRecord => ({
  ...named,
  createdAtSec: Math.floor(nowMs / 1000),
  state: { at: "started" },
  deleted: false,
});

/** Its bytes are all there; it may be revoked. */
export const isCompleted = (image: ImageRecord): image is CompletedImage =>
  image.state.at === "completed";

/** Still takes parts. */
export const isOpen = (image: ImageRecord): boolean =>
  !image.deleted && (image.state.at === "started" || image.state.at === "uploading");

/** The image, deleted. */
export const asDeleted = (image: ImageRecord, nowMs: number): ImageRecord => ({
  ...image,
  deleted: true,
  deletedAtSec: Math.floor(nowMs / 1000),
});

/** The image, revoked or reinstated. */
export function withRevoked(image: ImageRecord, isRevoked: boolean): ImageRecord {
  if (!isCompleted(image)) throw new Error("bug: only a completed image can be revoked");
  return { ...image, state: { ...image.state, isRevoked } };
}

/** Completes a record that was written before there were workspaces. */
export const readImage = (stored: Omit<ImageRecord, "workspace">): ImageRecord => ({
  workspace: DEFAULT_WORKSPACE,
  ...stored,
});
