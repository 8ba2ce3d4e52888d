import { cursorOf } from "../images/cursor.js";
import { newImage } from "../images/image.js";
import type { Workspace } from "../images/workspace.js";
import { imageIds } from "../s3/image-id.js";
import { BucketList } from "../s3/image-list.js";
import { keys, MARK } from "../s3/keys.js";
import { BucketNames } from "../s3/names.js";
import { bucketRecords } from "../s3/records.js";
import { S3Store } from "../s3/s3-store.js";
import { BucketSettling } from "../s3/settle.js";
import type { ListedKey, SmallObjects, StoredText } from "../s3/small-objects.js";
import type { Uploads } from "../s3/uploads.js";

/** A store over objects in memory that counts the requests that a bucket would get. */
export interface CountedStore {
  readonly store: S3Store;
  readonly requests: () => number;
  /** Returns the cursor of a page that ends with the nth image, counted from 0. */
  readonly cursorAt: (n: number) => string;
}

/** The number of keys that a bucket lists per request. */
const KEYS_AT_ONCE = 1000;

class CountedObjects implements SmallObjects {
  requests = 0;
  readonly #texts = new Map<string, StoredText>();
  #sorted: readonly string[] | null = null;
  #writes = 0;

  async get(key: string): Promise<StoredText | undefined> {
    this.requests++;
    return this.#texts.get(key);
  }

  async put(key: string, text: string): Promise<void> {
    this.requests++;
    if (!this.#texts.has(key)) this.#sorted = null;
    this.#texts.set(key, { text, etag: `"${this.#writes++}"` });
  }

  putIfAbsent(key: string, text: string): Promise<"written" | "refused"> {
    return this.#putIf(!this.#texts.has(key), key, text);
  }

  putIfMatch(key: string, text: string, etag: string): Promise<"written" | "refused"> {
    return this.#putIf(this.#texts.get(key)?.etag === etag, key, text);
  }

  async delete(key: string): Promise<void> {
    this.requests++;
    this.#texts.delete(key);
    this.#sorted = null;
  }

  async *list(prefix: string, after = ""): AsyncGenerator<ListedKey, void, undefined> {
    this.#sorted ??= [...this.#texts.keys()].sort();
    const found = this.#sorted.filter((key) => key.startsWith(prefix) && key > after);
    for (let from = 0; from === 0 || from < found.length; from += KEYS_AT_ONCE) {
      this.requests++;
      for (const key of found.slice(from, from + KEYS_AT_ONCE)) yield { key, modifiedMs: 0 };
    }
  }

  async #putIf(holds: boolean, key: string, text: string): Promise<"written" | "refused"> {
    if (holds) await this.put(key, text);
    else this.requests++;
    return holds ? "written" : "refused";
  }
}

/** The large objects, as far as a part URL needs them. */
class CountedUploads implements Uploads {
  requests = 0;

  async start(key: string): Promise<string> {
    this.requests++;
    return `upload of ${key}`;
  }

  async partUrl(key: string, uploadId: string, part: number): Promise<string> {
    return `https://store.test/${key}?${uploadId}&${part}`;
  }

  parts = notAsked;
  join = notAsked;
  find = notAsked;
  abort = notAsked;
  delete = notAsked;
  list = notAsked;
  downloadUrl = notAsked;
}

function notAsked(): never {
  throw new Error("Nothing of this is counted.");
}

/** Makes a store with completed images, one created each minute, `image-0` first. */
export async function countedStore(workspace: Workspace, images: number): Promise<CountedStore> {
  const [objects, uploads] = [new CountedObjects(), new CountedUploads()];
  const records = bucketRecords(objects);
  const nextId = imageIds();
  const ids: string[] = [];
  for (let n = 0; n < images; n++) {
    const nowMs = Date.UTC(2026, 0, 1) + n * 60_000;
    const id = nextId(nowMs);
    ids.push(id);
    const image = newImage({ id, ...workspace, name: `image-${n}`, order: nowMs }, nowMs);
    await records.add({ image, claimed: true });
    await objects.put(keys.live(workspace, id), MARK);
  }
  const names = new BucketNames(objects, records);
  const list = new BucketList(objects, records, names);
  const settling = new BucketSettling(objects, uploads, records, names, Date.now);
  const pieces = { objects, uploads, records, names, list, settling };
  const settings = { urlTtlSec: 60, unfinishedTtlDays: 7, deletedTtlDays: 7, clock: Date.now };
  const store = new S3Store(pieces, settings, {
    origin: "https://store.test",
    close: () => undefined,
  });
  return {
    store,
    requests: () => objects.requests + uploads.requests,
    cursorAt: (n) => cursorOf(ids[n]!.replace(/^image_/, "")),
  };
}
