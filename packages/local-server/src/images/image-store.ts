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
  /** Rejects with NameTakenError while a live image of the workspace has that name. */
  create(workspace: Workspace, name: string): Promise<ImageRecord>;
  /** Deleted ones too. */
  find(id: string): Promise<ImageRecord | undefined>;
  /** The live image of that name. */
  findNamed(workspace: Workspace, name: string): Promise<ImageRecord | undefined>;
  /** Whether a list may have given out that cursor. */
  isCursor(text: string): boolean;
  /** The images of these workspaces, newest first. */
  list(workspaces: readonly Workspace[], query: ListQuery): Promise<ListPage>;
  /** A URL that takes one part; the image is `uploading` from the first one on. May be called again. */
  partUrl(id: string, partNumber: number, origin: string, guard: Guard): Promise<PresignedUrl>;
  /**
   * Makes one image of the parts 1 to n. Concurrent calls are one after the other, and an image that
   * is completed already is returned as it is. Rejects with IncompleteError, and the image stays open.
   */
  complete(id: string, sha256: string, guard: Guard): Promise<CompletedImage>;
  downloadUrl(image: CompletedImage, origin: string): Promise<PresignedUrl>;
  /** Revokes a completed image, or reinstates it. */
  setRevoked(id: string, isRevoked: boolean, guard: Guard): Promise<ImageRecord>;
  /** Soft: the name is free, the bytes go, and the record stays for `deletedTtlDays`. */
  remove(id: string, guard: Guard): Promise<ImageRecord>;
  /** Ends an image that will never be completed; its bytes go, its name stays taken. */
  fail(id: string): Promise<void>;
  /**
   * Removes images that were never completed and have had no part for as long as they may, and the records of
   * deleted ones that are old. A failure of one image is reported, and does not stop the others.
   */
  sweep(failed: SweepFailed): Promise<void>;
  /** Resolves when no change is running any more. */
  close(): Promise<void>;
}

/** Returns the image if the change may be made, and throws otherwise; undefined if there is none of that id. */
export type Guard = (image: ImageRecord | undefined) => ImageRecord;

/** Takes what keeps a sweep from an image, or a deletion from its bytes: the next sweep tries again. */
export type SweepFailed = (id: string, error: unknown) => void;

/** A guard for a change that every state allows. */
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

/** A live image of that workspace has the name. */
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
