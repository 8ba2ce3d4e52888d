/** Asks for the page after this one; null where this one is the last. */
export type Paginator<V> = () => Promise<V & { next: Paginator<V> }> | null;

/** A page that is also an async iterable, of itself and of every page after it. */
export type PageIterator<V, PageState = unknown> = V & {
  next: Paginator<V>;
  [Symbol.asyncIterator]: () => AsyncIterableIterator<V>;
  "~next"?: PageState | undefined;
};

/**
 * Makes a page iterable. Nothing is asked for before it is wanted.
 *
 * @param halt True for a page after which none may be asked for.
 */
export function createPageIterator<V>(
  page: V & { next: Paginator<V> },
  halt: (page: V) => boolean,
): { [Symbol.asyncIterator]: () => AsyncIterableIterator<V> } {
  return {
    async *[Symbol.asyncIterator]() {
      let current: (V & { next: Paginator<V> }) | null = page;
      while (current !== null) {
        yield current;
        current = halt(current) ? null : await current.next();
      }
    },
  };
}
