import type { ImageRecord } from "./image.js";
import type { Page, PageQuery } from "./image-store.js";

/** A place in the list that outlives its image: the order, in base 36. */
const cursorOf = (image: ImageRecord): string => `imagec_${image.order.toString(36)}`;

/** @returns The order that the cursor stands for; undefined if we never made such a cursor. */
export function orderOf(cursor: string): number | undefined {
  const match = /^imagec_([0-9a-z]{1,10})$/.exec(cursor);
  return match ? Number.parseInt(match[1]!, 36) : undefined;
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
  const wanted = images.filter(
    (image) =>
      image.order < below && image.order > above && (query.includeDeleted || !image.deleted),
  );
  const back = query.startingAfter === undefined && query.endingBefore !== undefined;
  const page = back ? wanted.slice(-query.limit) : wanted.slice(0, query.limit);
  const hasMore = wanted.length > page.length;
  const last = page.at(-1);
  return { images: page, hasMore, cursor: last && (hasMore || back) ? cursorOf(last) : undefined };
}

const limitOrder = (cursor: string | undefined, otherwise: number): number =>
  cursor === undefined ? otherwise : (orderOf(cursor) ?? otherwise);
