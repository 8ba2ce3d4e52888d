import { SfcCore } from "./core.js";
import { Images } from "./images.js";

/** The Images API as one object. `SfcCore` and the functions do the same and leave the rest out of a bundle. */
export class Sfc extends SfcCore {
  #images: Images | undefined;

  /** The calls of the Images API. */
  get images(): Images {
    return (this.#images ??= new Images(this));
  }
}
