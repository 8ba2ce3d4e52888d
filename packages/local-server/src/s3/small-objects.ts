/** A small object, as read or as listed. */
export interface StoredText {
  readonly text: string;
  /** The ETag, which changes with every change of the object. */
  readonly etag: string;
}

export interface ListedKey {
  readonly key: string;
  /** Unix milliseconds, by the store's clock. */
  readonly modifiedMs: number;
}

/**
 * The small objects of a bucket, as far as records and claims need them. Any answer of the store that is not
 * one of these outcomes is thrown. Keys are without the store's prefix.
 */
export interface SmallObjects {
  get(key: string): Promise<StoredText | undefined>;
  put(key: string, text: string): Promise<void>;
  /**
   * The two conditional writes by which servers agree. "refused": the object exists (or not), or has changed
   * since. If an answer was lost, a write that succeeded may be refused when it is repeated: the caller has to
   * check.
   */
  putIfAbsent(key: string, text: string): Promise<"written" | "refused">;
  putIfMatch(key: string, text: string, etag: string): Promise<"written" | "refused">;
  /** Deletes an object. A missing one is not an error. */
  delete(key: string): Promise<void>;
  /** Yields all keys that start with `prefix`, in the order of their bytes, after the key `after`. */
  list(prefix: string, after?: string): AsyncIterable<ListedKey>;
}
