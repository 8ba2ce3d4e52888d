import type { Workspace } from "../images/workspace.js";
import { keys } from "./keys.js";
import type { SmallObjects } from "./small-objects.js";
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

export class BucketNames implements Names {
  readonly #objects: SmallObjects;
  readonly #records: Records;

  constructor(objects: SmallObjects, records: Records) {
    this.#objects = objects;
    this.#records = records;
  }

  async claim({ image }: StoredImage): Promise<boolean> {
    const { id, name } = image;
    const key = keys.name(image, name);
    const text = JSON.stringify({ id } satisfies Claim);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const holder = await this.#read(image, name);
      // Ours already where the answer to our write was lost, and the SDK has sent it again.
      if (holder?.id === id) return !(await this.#tell(id)).image.deleted;
      if (holder && (await this.#isLive(holder.id))) return false;
      const outcome = holder
        ? await this.#objects.putIfMatch(key, text, holder.etag)
        : await this.#objects.putIfAbsent(key, text);
      if (outcome === "written") return !(await this.#tell(id)).image.deleted;
    }
    throw new Error(`The name was claimed by other servers ${MAX_TRIES} times in a row.`);
  }

  async find(workspace: Workspace, name: string): Promise<StoredImage | undefined> {
    const holder = await this.#read(workspace, name);
    if (holder === undefined) return undefined;
    const stored = await this.#records.read(holder.id);
    return stored === undefined || stored.claimed ? stored : this.#tell(holder.id);
  }

  async settled(stored: StoredImage | undefined): Promise<StoredImage | undefined> {
    if (stored === undefined || stored.claimed) return stored;
    const { image } = stored;
    if ((await this.#read(image, image.name))?.id !== image.id) return undefined;
    return this.#tell(image.id);
  }

  async #read(workspace: Workspace, name: string) {
    const found = await this.#objects.get(keys.name(workspace, name));
    return found && { id: (JSON.parse(found.text) as Claim).id, etag: found.etag };
  }

  #tell(id: string) {
    return this.#records.change(id, (stored) => {
      if (stored === undefined) throw new Error(`bug: the record of ${id} is gone`);
      return stored.claimed || stored.image.deleted ? undefined : { ...stored, claimed: true };
    });
  }

  /** Tells it that it has the name, where it does not know yet. */
  async #isLive(id: string) {
    const stored = await this.#records.read(id);
    if (stored === undefined || stored.image.deleted) return false;
    return stored.claimed || !(await this.#tell(id)).image.deleted;
  }
}
