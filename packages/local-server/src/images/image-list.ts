import { statusOf } from "./image.js";
import type { ImageRecord } from "./image.js";

export interface ListQuery {
  readonly limit: number;
  readonly includeDeleted: boolean;
  /** Only images that are completed and not revoked. */
  readonly publicOnly: boolean;
  /** Only these, in any order; undefined for all. */
  readonly ids: readonly string[] | undefined;
  /** Only images older than that cursor's. */
  readonly startingAfter: string | undefined;
  /** Only images newer than that cursor's; alone, those next to it. */
  readonly endingBefore: string | undefined;
}

export interface ListPage {
  readonly images: readonly ImageRecord[];
  readonly hasMore: boolean;
  /** Of the last image of the page; undefined if nothing follows. */
  readonly cursor: string | undefined;
}

/** Whether a list shows an image of its workspaces. */
export const isShown = (
  image: ImageRecord,
  { includeDeleted, publicOnly }: Pick<ListQuery, "includeDeleted" | "publicOnly">,
): boolean =>
  (includeDeleted || !image.deleted) && (!publicOnly || statusOf(image) === "completed");
