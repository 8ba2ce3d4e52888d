import type { Workspace } from "../images/workspace.js";
import { keys } from "./keys.js";
import type { SmallObjects } from "./small-objects.js";
import type { Records, StoredImage } from "./records.js";

/**
 * The names of images, each of which belongs to at most one image that is not deleted. An image exists from the
 * moment when its name is claimed. Its record is written before, and marked as claimed afterwards. If a server
 * dies between the two, the image exists all the same: the next server that reads it marks it.
 */
export interface Names {
  /** Claims a name. @returns Whether the name belongs to that image now. False if another image has it. */
  claim(stored: StoredImage): Promise<boolean>;
  /** Finds the image that has the name, or had it last. */
  find(workspace: Workspace, name: string): Promise<StoredImage | undefined>;
  /** Returns the image if the name belongs to it, or did when it was deleted. */
  settled(stored: StoredImage | undefined): Promise<StoredImage | undefined>;
}

interface Claim {
  readonly id: string;
}

/**
 * The maximum number of times in a row that the name was given to another image and was free again when it was
 * read.
 */
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
      // The name is this image's already if the answer to the write was lost, and the SDK sent it again.
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

  /** Marks the image as claimed if it is not yet, and returns whether it is not deleted. */
  async #isLive(id: string) {
    const stored = await this.#records.read(id);
    if (stored === undefined || stored.image.deleted) return false;
    return stored.claimed || !(await this.#tell(id)).image.deleted;
  }
}
