import type { ImageRecord } from "../images/image.js";
import { isShown } from "../images/image-list.js";
import type { ListPage, ListQuery } from "../images/image-list.js";
import { ownerKey } from "../images/workspace.js";
import type { Workspace } from "../images/workspace.js";
import { cursorOf, placeOf } from "../images/cursor.js";
import { newerBound } from "./image-id.js";
import { idIn, keys } from "./keys.js";
import type { Names } from "./names.js";
import type { SmallObjects } from "./small-objects.js";
import type { Records } from "./records.js";

/** The number of records that are read at the same time. */
const AT_ONCE = 32;
/** The number of keys that a store lists per request. */
const KEYS_AT_ONCE = 1000;
/**
 * The first span of time that is searched when going back a page, if one request does not return all newer ids.
 */
const FIRST_SPAN_MS = 3_600_000;

/** The request for one page. */
interface Asked {
  readonly workspaces: readonly Workspace[];
  readonly owners: ReadonlySet<string>;
  readonly query: ListQuery;
}

export interface ImageList {
  page(workspaces: readonly Workspace[], query: ListQuery): Promise<ListPage>;
}

export class BucketList implements ImageList {
  readonly #objects: SmallObjects;
  readonly #records: Records;
  readonly #names: Names;

  constructor(objects: SmallObjects, records: Records, names: Names) {
    this.#objects = objects;
    this.#records = records;
    this.#names = names;
  }

  async page(workspaces: readonly Workspace[], query: ListQuery): Promise<ListPage> {
    const asked = { workspaces, owners: new Set(workspaces.map(ownerKey)), query };
    const { startingAfter, endingBefore } = query;
    if (startingAfter !== undefined || endingBefore === undefined) {
      const ids = this.#idsBetween(idOf(startingAfter), idOf(endingBefore), asked);
      const found = await this.#first(ids, asked);
      const page = found.slice(0, query.limit);
      const hasMore = found.length > page.length;
      return { images: page, hasMore, cursor: hasMore ? lastCursor(page) : undefined };
    }
    const found = await this.#first(this.#idsBack(idOf(endingBefore)!, asked), asked);
    const page = found.slice(0, query.limit).reverse();
    return { images: page, hasMore: found.length > page.length, cursor: lastCursor(page) };
  }

  /** Reads images by their ids. Keys are only hints: the records tell which images exist and are shown. */
  async #imagesOf(ids: readonly string[], { owners, query }: Asked) {
    const found = await Promise.all(
      ids.map(async (id) => this.#names.settled(await this.#records.read(id))),
    );
    return found.flatMap((stored) =>
      stored && owners.has(ownerKey(stored.image)) && isShown(stored.image, query)
        ? [stored.image]
        : [],
    );
  }

  #idsAfter(after: string | undefined, { workspaces, query }: Asked) {
    if (query.ids) return inTurn([...new Set(query.ids)].sort().filter((id) => id > (after ?? "")));
    const kinds = query.includeDeleted ? [keys.live, keys.deleted] : [keys.live];
    const lists = workspaces.flatMap((workspace) =>
      kinds.map((key) => idsIn(this.#objects.list(key(workspace), after && key(workspace, after)))),
    );
    return lists.reduce(merged, inTurn([]));
  }

  async *#idsBetween(after: string | undefined, before: string | undefined, asked: Asked) {
    for await (const id of this.#idsAfter(after, asked)) {
      if (before !== undefined && id >= before) return;
      yield id;
    }
  }

  /**
   * Yields ids that are newer than an id, the next one first. A bucket lists only forward, so the ids of a span
   * of time are listed: of a longer one if that has too few, and of a shorter one if it has too many.
   */
  async *#idsBack(from: string, asked: Asked) {
    let before = from;
    for (let spanMs = Infinity; ;) {
      const after = newerBound(before, spanMs);
      const ids = await this.#fewBetween(after, before, asked, spanMs > 1);
      if (ids === undefined) {
        spanMs = spanMs === Infinity ? FIRST_SPAN_MS : Math.max(1, Math.floor(spanMs / 8));
        continue;
      }
      yield* ids.reverse();
      if (after === undefined) return;
      before = after;
      spanMs *= 4;
    }
  }

  /** Lists the ids between two. @returns Undefined if `mayBeMany` and there are more than one request lists. */
  async #fewBetween(after: string | undefined, before: string, asked: Asked, mayBeMany: boolean) {
    const ids: string[] = [];
    for await (const id of this.#idsBetween(after, before, asked)) {
      if (mayBeMany && ids.length === KEYS_AT_ONCE - 1) return undefined;
      ids.push(id);
    }
    return ids;
  }

  /** Returns the first images to show, and one more, which tells whether others follow. */
  async #first(ids: AsyncIterable<string>, asked: Asked): Promise<ImageRecord[]> {
    const { limit } = asked.query;
    const found: ImageRecord[] = [];
    for await (const group of groups(ids, Math.min(AT_ONCE, limit + 1))) {
      found.push(...(await this.#imagesOf(group, asked)));
      if (found.length > limit) break;
    }
    return found;
  }
}

const idOf = (cursor: string | undefined): string | undefined =>
  cursor === undefined ? undefined : `image_${placeOf(cursor) ?? ""}`;

const lastCursor = (page: readonly ImageRecord[]): string | undefined => {
  const last = page.at(-1);
  return last && cursorOf(last.id.replace(/^image_/, ""));
};

async function* idsIn(listed: AsyncIterable<{ readonly key: string }>) {
  for await (const { key } of listed) yield idIn(key);
}

async function* inTurn(ids: readonly string[]) {
  yield* ids;
}

/** Merges two ordered lists. An id that is in both (its deletion is running) is returned once. */
async function* merged(
  a: AsyncGenerator<string, void, undefined>,
  b: AsyncGenerator<string, void, undefined>,
) {
  let [left, right] = await Promise.all([a.next(), b.next()]);
  while (!left.done || !right.done) {
    const [one, other] = [left.value ?? "", right.value ?? ""];
    const next = right.done || (!left.done && one <= other) ? one : other;
    yield next;
    if (!left.done && one === next) left = await a.next();
    if (!right.done && other === next) right = await b.next();
  }
}

async function* groups(ids: AsyncIterable<string>, size: number) {
  let group: string[] = [];
  for await (const id of ids) {
    group.push(id);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
