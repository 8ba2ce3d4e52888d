/** A page that knows how to ask for the one after it. */
type Page<V> = V & {
  /** Asks for the page after this one; null where this one is the last. */
  next: Paginator<V>;
};

/** Asks for the page after this one; null where this one is the last. */
export type Paginator<V> = () => Promise<Page<V>> | null;

/** A page that is also an async iterable, of itself and of every page after it. */
export type PageIterator<V, PageState = unknown> = V & {
  /** Asks for the page after this one. */
  next: Paginator<V>;
  /** This page, and those after it as they are wanted. */
  [Symbol.asyncIterator]: () => AsyncIterableIterator<V>;
  /** Where the next page begins. The vendor's; undefined on the last page. */
  "~next"?: PageState | undefined;
};

/**
 * Makes a page iterable. The next page is fetched only when it is asked for.
 *
 * @param halt True for a page after which none may be asked for.
 */
export function createPageIterator<V>(
  page: Page<V>,
  halt: (page: V) => boolean,
): { [Symbol.asyncIterator]: () => AsyncIterableIterator<V> } {
  return {
    async *[Symbol.asyncIterator]() {
      let current: Page<V> | null = page;
      while (current !== null) {
        yield current;
        current = halt(current) ? null : await current.next();
      }
    },
  };
}
