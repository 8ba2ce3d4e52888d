import type { SfcCore } from "@img/core/core.js";
import { imagesDownload } from "@img/core/funcs/images-download.js";

/** A browser opens six connections to a server; the rest of the page needs some of them. */
const mostAtOnce = 3;

/** The sizes of images. The list does not contain them, so they are requested, once for each image. */
export class ImageSizes {
  readonly #client: SfcCore;
  readonly #known = new Map<string, number>();
  readonly #wanted = new Map<string, (sizeBytes: number) => void>();
  #asking = 0;

  constructor(client: SfcCore) {
    this.#client = client;
  }

  /** Cancels the requests for images that are no longer shown. */
  wantNothing(): void {
    this.#wanted.clear();
  }

  /** Calls back with an image's size once it is known; never if the service does not tell it. */
  want(id: string, tell: (sizeBytes: number) => void): void {
    const known = this.#known.get(id);
    if (known !== undefined) {
      tell(known);
      return;
    }
    this.#wanted.set(id, tell);
    if (this.#asking < mostAtOnce) void this.#askInTurn();
  }

  async #askInTurn(): Promise<void> {
    this.#asking++;
    for (const [id, tell] of this.#wanted) {
      this.#wanted.delete(id);
      const { value } = await imagesDownload(this.#client, { id });
      if (value === undefined) continue;
      this.#known.set(id, value.size);
      tell(value.size);
    }
    this.#asking--;
  }
}
