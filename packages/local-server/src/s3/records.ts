import { randomBytes } from "node:crypto";
import { readImage } from "../images/image.js";
import type { ImageRecord } from "../images/image.js";
import { keys } from "./keys.js";
import type { SmallObjects } from "./small-objects.js";

/** An image's record in the bucket. */
export interface StoredImage {
  readonly image: ImageRecord;
  /**
   * Whether the name is known to belong to this image. If not, it is an image only if the claim of the name
   * says so: see `names.ts`.
   */
  readonly claimed: boolean;
  /** The multipart upload's id, from the first part URL on. */
  readonly uploadId?: string;
}

/** Returns the changed record; undefined to leave it as it is. What it throws is thrown. */
export type Change = (stored: StoredImage | undefined) => StoredImage | undefined;

/** The records. Any number of servers may change them, each only if it is still as it was read. */
export interface Records {
  read(id: string): Promise<StoredImage | undefined>;
  add(stored: StoredImage): Promise<void>;
  /** Changes a record. @returns The record after the change. */
  change(id: string, change: Change): Promise<StoredImage>;
}

/** The maximum number of times in a row that another server was faster. More means that something is wrong. */
const MAX_TRIES = 50;

export function bucketRecords(objects: SmallObjects): Records {
  const read = async (id: string) => {
    const found = await objects.get(keys.record(id));
    // Records are always written completely, and only by this code.
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
        // The answer to the write was lost, and the SDK sent it again.
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

/**
 * Returns the text of a record. No two texts are equal, so that a server recognizes its own, and an ETag never
 * occurs twice.
 */
const textOf = (stored: StoredImage): string =>
  JSON.stringify({ ...stored, write: randomBytes(9).toString("base64url") });
