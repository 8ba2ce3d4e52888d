/** A small object as it was read, or as it stands in a listing. */
export interface StoredText {
  readonly text: string;
  /** Changes with every change of the object. */
  readonly etag: string;
}

export interface ListedKey {
  readonly key: string;
  /** Unix milliseconds, by the store's clock. */
  readonly modifiedMs: number;
}

/**
 * The small objects of a bucket, as much as records and claims need. Whatever a store answers that is
 * none of the outcomes named here is thrown. Keys are without the store's prefix.
 */
export interface SmallObjects {
  get(key: string): Promise<StoredText | undefined>;
  put(key: string, text: string): Promise<void>;
  /**
   * The two writes on which several servers agree. "refused": the object is (not) there, or has changed
   * since. An answer that was lost may have been a success that is then refused: the caller looks.
   */
  putIfAbsent(key: string, text: string): Promise<"written" | "refused">;
  putIfMatch(key: string, text: string, etag: string): Promise<"written" | "refused">;
  /** One that is not there is no error. */
  delete(key: string): Promise<void>;
  /** All keys that start with `prefix`, in the order of their bytes, from behind `after` on. */
  list(prefix: string, after?: string): AsyncIterable<ListedKey>;
}
