import { statusOf } from "./image.js";
import type { ImageRecord } from "./image.js";

export interface ListQuery {
  readonly limit: number;
  readonly includeDeleted: boolean;
  /** Only images that are completed and not revoked. */
  readonly publicOnly: boolean;
  /** The ids to list, in any order; undefined for all. */
  readonly ids: readonly string[] | undefined;
  /** Only images that are older than the cursor's. */
  readonly startingAfter: string | undefined;
  /** Only images that are newer than the cursor's. Without `startingAfter`, those next to it. */
  readonly endingBefore: string | undefined;
}

export interface ListPage {
  readonly images: readonly ImageRecord[];
  readonly hasMore: boolean;
  /** The cursor of the page's last image; undefined if no image follows. */
  readonly cursor: string | undefined;
}

/** Whether a list of an image's workspace shows it. */
export const isShown = (
  image: ImageRecord,
  { includeDeleted, publicOnly }: Pick<ListQuery, "includeDeleted" | "publicOnly">,
): boolean =>
  (includeDeleted || !image.deleted) && (!publicOnly || statusOf(image) === "completed");
