import type { Workspace } from "../workspace.js";
import { keys } from "./keys.js";
import type { Objects } from "./objects.js";
import type { Records, StoredImage } from "./records.js";

/**
 * Names, each at most one live image's. The claim is the moment at which an image comes to be: its record
 * is written before, and told afterwards. A server that dies in between leaves an image all the same,
 * which the next one that comes across it tells so.
 */
export interface Names {
  /** @returns Whether the name is now that image's. False while a live image has it. */
  claim(stored: StoredImage): Promise<boolean>;
  /** The image that has the name, or was the last to have it. */
  find(workspace: Workspace, name: string): Promise<StoredImage | undefined>;
  /** The image, if the name is its, or was when it was deleted. */
  settled(stored: StoredImage | undefined): Promise<StoredImage | undefined>;
}

interface Claim {
  readonly id: string;
}

/** So often in a row the name was given to another and was free again when we looked. */
const MAX_TRIES = 50;

export function bucketNames(objects: Objects, records: Records): Names {
  const read = async (workspace: Workspace, name: string) => {
    const found = await objects.get(keys.name(workspace, name));
    return found && { id: (JSON.parse(found.text) as Claim).id, etag: found.etag };
  };

  const tell = (id: string) =>
    records.change(id, (stored) => {
      if (stored === undefined) throw new Error(`bug: the record of ${id} is gone`);
      return stored.claimed || stored.image.deleted ? undefined : { ...stored, claimed: true };
    });

  /** Tells it that it has the name, where it does not know yet. */
  const isLive = async (id: string) => {
    const stored = await records.read(id);
    if (stored === undefined || stored.image.deleted) return false;
    return stored.claimed || !(await tell(id)).image.deleted;
  };

  return {
    async claim({ image }) {
      const { id, name } = image;
      const key = keys.name(image, name);
      const text = JSON.stringify({ id } satisfies Claim);
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const holder = await read(image, name);
        // Ours already where the answer to our write was lost, and the SDK has sent it again.
        if (holder?.id === id) return !(await tell(id)).image.deleted;
        if (holder && (await isLive(holder.id))) return false;
        const outcome = holder
          ? await objects.putIfMatch(key, text, holder.etag)
          : await objects.putIfAbsent(key, text);
        if (outcome === "written") return !(await tell(id)).image.deleted;
      }
      throw new Error(`The name was given to others ${MAX_TRIES} times in a row.`);
    },
    async find(workspace, name) {
      const holder = await read(workspace, name);
      if (holder === undefined) return undefined;
      const stored = await records.read(holder.id);
      return stored === undefined || stored.claimed ? stored : tell(holder.id);
    },
    async settled(stored) {
      if (stored === undefined || stored.claimed) return stored;
      const { image } = stored;
      if ((await read(image, image.name))?.id !== image.id) return undefined;
      return tell(image.id);
    },
  };
}
