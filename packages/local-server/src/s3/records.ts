import { randomBytes } from "node:crypto";
import { readImage } from "../images/image.js";
import type { ImageRecord } from "../images/image.js";
import { keys } from "./keys.js";
import type { SmallObjects } from "./small-objects.js";

/** An image's record as it stands in the bucket. */
export interface StoredImage {
  readonly image: ImageRecord;
  /**
   * Whether the name is known to be this image's. Until then it is an image only if the name's claim
   * says so: see `names.ts`.
   */
  readonly claimed: boolean;
  /** From the first part URL on. */
  readonly uploadId?: string;
}

/** What a change makes of a record; undefined to leave it as it is. May throw, and is then thrown. */
export type Change = (stored: StoredImage | undefined) => StoredImage | undefined;

/** The records, each changed only as it was last read, by however many servers. */
export interface Records {
  read(id: string): Promise<StoredImage | undefined>;
  add(stored: StoredImage): Promise<void>;
  /** @returns The record as it stands then. */
  change(id: string, change: Change): Promise<StoredImage>;
}

/** So often in a row somebody else was faster: something is wrong. */
const MAX_TRIES = 50;

export function bucketRecords(objects: SmallObjects): Records {
  const read = async (id: string) => {
    const found = await objects.get(keys.record(id));
    // What stands there was written whole, by us.
    return found && { ...found, stored: parseStored(found.text) };
  };
  return {
    read: async (id) => (await read(id))?.stored,
    async add(stored) {
      await objects.put(keys.record(stored.image.id), textOf(stored));
    },
    async change(id, change) {
      let written: string | undefined;
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const found = await read(id);
        // The answer to our write was lost, and the SDK has sent it again.
        if (found && found.text === written) return found.stored;
        const changed = change(found?.stored);
        if (changed === undefined && found) return found.stored;
        if (changed === undefined || !found)
          throw new Error(`bug: ${id} was to be changed and is not there`);
        written = textOf(changed);
        const outcome = await objects.putIfMatch(keys.record(id), written, found.etag);
        if (outcome === "written") return changed;
      }
      throw new Error(`The record of ${id} was changed by others ${MAX_TRIES} times in a row.`);
    },
  };
}

function parseStored(text: string): StoredImage {
  const stored = JSON.parse(text) as StoredImage;
  return { ...stored, image: readImage(stored.image) };
}

/** No two writes are alike, so that a server knows its own, and a store's ETag never comes back. */
const textOf = (stored: StoredImage): string =>
  JSON.stringify({ ...stored, write: randomBytes(9).toString("base64url") });
