import { cursorOf, placeOf } from "../images/cursor.js";
import type { ImageRecord } from "../images/image.js";
import { isShown } from "../images/image-list.js";
import type { ListPage, ListQuery } from "../images/image-list.js";
import type { OrderedList } from "./ordered-list.js";

/** An image in a list. */
export interface Listed {
  readonly order: number;
  readonly record: ImageRecord;
}

/** Reads a cursor. @returns The order that it stands for; undefined for a cursor that this server did not make. */
export function orderOf(cursor: string): number | undefined {
  const place = placeOf(cursor);
  return place === undefined ? undefined : Number.parseInt(place, 36);
}

/**
 * Cuts a page out of lists, and reads no more images than it shows.
 *
 * @param query `endingBefore` alone selects the images just before it, as going back a page does; with
 * `startingAfter` too, the first ones between the two.
 */
export function listPage(lists: readonly OrderedList<Listed>[], query: ListQuery): ListPage {
  const below = limitOrder(query.startingAfter, Infinity);
  const above = limitOrder(query.endingBefore, -Infinity);
  const back = query.startingAfter === undefined && query.endingBefore !== undefined;
  const found = back
    ? firstOf(
        inOrder(
          lists.map((list) => list.above(above)),
          ascending,
        ),
        query,
        () => true,
      )
    : firstOf(
        inOrder(
          lists.map((list) => list.below(below)),
          descending,
        ),
        query,
        ({ order }) => order > above,
      );
  const images = found.slice(0, query.limit);
  if (back) images.reverse();
  const hasMore = found.length > images.length;
  const last = images.at(-1);
  return {
    images,
    hasMore,
    cursor: last && (hasMore || back) ? cursorOf(last.order.toString(36)) : undefined,
  };
}

/** Takes the first images to show, and one more, which tells whether others follow. */
function firstOf(
  listed: Iterable<Listed>,
  query: ListQuery,
  isWithin: (one: Listed) => boolean,
): ImageRecord[] {
  const found: ImageRecord[] = [];
  for (const one of listed) {
    if (!isWithin(one)) break;
    const { record } = one;
    if (isShown(record, query)) found.push(record);
    if (found.length > query.limit) break;
  }
  return found;
}

type Before = (a: Listed, b: Listed) => boolean;
const ascending: Before = (a, b) => a.order < b.order;
const descending: Before = (a, b) => a.order > b.order;

/** Merges several ordered lists into one. */
function* inOrder(
  lists: readonly Iterator<Listed, void>[],
  before: Before,
): Generator<Listed, void, undefined> {
  const heads = lists.map((list) => list.next());
  for (;;) {
    let first = -1;
    for (const [at, head] of heads.entries()) {
      if (head.done === true) continue;
      const other = heads[first];
      if (other === undefined || other.done === true || before(head.value, other.value)) first = at;
    }
    const head = heads[first];
    if (head === undefined || head.done === true) return;
    yield head.value;
    heads[first] = lists[first]!.next();
  }
}

const limitOrder = (cursor: string | undefined, otherwise: number): number =>
  cursor === undefined ? otherwise : (orderOf(cursor) ?? otherwise);
