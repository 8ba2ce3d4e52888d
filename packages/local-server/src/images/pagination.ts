import { cursorOf, placeOf } from "./cursor.js";
import type { ImageRecord } from "./image.js";
import { columnOf } from "../api/state-table.js";
import type { Page, PageQuery } from "./image-store.js";

/** @returns The order that the cursor stands for; undefined if we never made such a cursor. */
export function orderOf(cursor: string): number | undefined {
  const place = placeOf(cursor);
  return place === undefined ? undefined : Number.parseInt(place, 36);
}

/**
 * Cuts a page.
 *
 * @param images Newest first.
 * @param query `endingBefore` alone gives the images just before it, as a page back does; with
 * `startingAfter` too, the first ones of what lies between.
 */
export function pageOf(images: readonly ImageRecord[], query: PageQuery): Page {
  const below = limitOrder(query.startingAfter, Infinity);
  const above = limitOrder(query.endingBefore, -Infinity);
  const ids = query.ids && new Set(query.ids);
  const wanted = images.filter(
    (image) =>
      image.order < below &&
      image.order > above &&
      (ids?.has(image.id) ?? true) &&
      isShown(image, query),
  );
  const back = query.startingAfter === undefined && query.endingBefore !== undefined;
  const page = back ? wanted.slice(-query.limit) : wanted.slice(0, query.limit);
  const hasMore = wanted.length > page.length;
  const last = page.at(-1);
  return {
    images: page,
    hasMore,
    cursor: last && (hasMore || back) ? cursorOf(last.order.toString(36)) : undefined,
  };
}

/** Whether a list shows an image of its workspaces. */
export const isShown = (
  image: ImageRecord,
  { includeDeleted, publicOnly }: Pick<PageQuery, "includeDeleted" | "publicOnly">,
): boolean =>
  (includeDeleted || !image.deleted) && (!publicOnly || columnOf(image) === "completed");

const limitOrder = (cursor: string | undefined, otherwise: number): number =>
  cursor === undefined ? otherwise : (orderOf(cursor) ?? otherwise);
