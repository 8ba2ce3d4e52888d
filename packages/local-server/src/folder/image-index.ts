import { nameKey, ownerKey } from "../images/workspace.js";
import { OrderedList } from "./ordered-list.js";
import type { StoredImage } from "./stored-image.js";

/** The images of the folder that are not deleted. */
export class ImageIndex {
  readonly #byId = new Map<string, StoredImage>();
  readonly #byName = new Map<string, StoredImage>();
  readonly #byOwner = new Map<string, OrderedList<StoredImage>>();

  get(id: string): StoredImage | undefined {
    return this.#byId.get(id);
  }

  /** Returns the image with a name, given as `nameKey` makes it. */
  named(key: string): StoredImage | undefined {
    return this.#byName.get(key);
  }

  /** Returns the images of a workspace, keyed as by `ownerKey`. */
  of(owner: string): OrderedList<StoredImage> | undefined {
    return this.#byOwner.get(owner);
  }

  all(): readonly StoredImage[] {
    return [...this.#byId.values()];
  }

  add(image: StoredImage): void {
    const owner = ownerKey(image.record);
    const list = this.#byOwner.get(owner) ?? new OrderedList<StoredImage>();
    this.#byOwner.set(owner, list);
    list.add(image);
    this.#byId.set(image.record.id, image);
    this.#byName.set(nameKey(image.record), image);
  }

  remove({ record }: StoredImage): void {
    this.#byOwner.get(ownerKey(record))?.remove(record.order);
    this.#byId.delete(record.id);
    this.#byName.delete(nameKey(record));
  }
}
