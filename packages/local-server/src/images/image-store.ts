import type { WireErrorDetail } from "@img/core/wire";
import type { CompletedImage, ImageRecord } from "./image.js";
import type { ListPage, ListQuery } from "./image-list.js";
import type { Workspace } from "./workspace.js";

/**
 * Where images and their states are kept, as the API needs it; where the bytes go is the store's own
 * affair, which hands out URLs for them.
 *
 * Every change is whole and durable when its promise resolves. A `Guard` is asked about the image as
 * it is at the moment of the change, and what it throws is thrown: so no two calls can both find an
 * image open and then disagree about it.
 */
export interface ImageStore {
  /**
   * Creates an image. Rejects with NameTakenError if an image of the workspace that is not deleted has that
   * name.
   */
  create(workspace: Workspace, name: string): Promise<ImageRecord>;
  /** Finds an image, also a deleted one. */
  find(id: string): Promise<ImageRecord | undefined>;
  /** Finds the image of that name that is not deleted. */
  findNamed(workspace: Workspace, name: string): Promise<ImageRecord | undefined>;
  /** Whether a list may have returned that cursor. */
  isCursor(text: string): boolean;
  /** Lists the images of these workspaces, newest first. */
  list(workspaces: readonly Workspace[], query: ListQuery): Promise<ListPage>;
  /**
   * Returns a URL for sending one part. With the first one, the image becomes `uploading`. May be called again.
   */
  partUrl(id: string, partNumber: number, origin: string, guard: Guard): Promise<PresignedUrl>;
  /**
   * Makes one image of the parts 1 to n. Concurrent calls run one after the other; an image that is completed
   * already is returned unchanged. Rejects with IncompleteError, and the image stays open.
   */
  complete(id: string, sha256: string, guard: Guard): Promise<CompletedImage>;
  downloadUrl(image: CompletedImage, origin: string): Promise<PresignedUrl>;
  /** Revokes a completed image, or reinstates it. */
  setRevoked(id: string, isRevoked: boolean, guard: Guard): Promise<ImageRecord>;
  /** Deletes an image: its name is free, its bytes are removed, and its record stays for `deletedTtlDays`. */
  remove(id: string, guard: Guard): Promise<ImageRecord>;
  /** Marks an image as failed, so that it is never completed: its bytes are removed, its name stays taken. */
  fail(id: string): Promise<void>;
  /**
   * Removes images that were not completed and had no part for too long, and old records of deleted images. A
   * failure of one image is reported, and does not stop the others.
   */
  sweep(failed: SweepFailed): Promise<void>;
  /** Resolves when no change is running any more. */
  close(): Promise<void>;
}

/**
 * Returns the image if the change is allowed, and throws otherwise. It gets undefined if there is no image with
 * that id.
 */
export type Guard = (image: ImageRecord | undefined) => ImageRecord;

/**
 * Gets the error if a sweep cannot handle an image, or a deletion cannot remove its bytes. The next sweep tries
 * again.
 */
export type SweepFailed = (id: string, error: unknown) => void;

/** Makes a guard for a change that is allowed in every state. */
export const mustExist =
  (id: string): Guard =>
  (image) => {
    if (image === undefined) throw new Error(`There is no image ${id}.`);
    return image;
  };

export interface PresignedUrl {
  readonly url: string;
  readonly expiresAtSec: number;
}

/** Another image of that workspace has the name. */
export class NameTakenError extends Error {
  override readonly name = "NameTakenError";
  readonly code = "NAME_TAKEN";
}

/** The uploaded parts do not form a complete image. */
export class IncompleteError extends Error {
  override readonly name = "IncompleteError";
  readonly code = "INCOMPLETE";
  readonly details: readonly WireErrorDetail[];

  constructor(details: readonly WireErrorDetail[]) {
    super("The uploaded parts do not form a complete image.");
    this.details = details;
  }
}
