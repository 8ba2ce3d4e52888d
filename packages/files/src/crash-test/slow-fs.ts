import type { FileSystem } from "../file-system.js";
import type { Random } from "./random.js";
import { SteppedFs } from "./stepped-fs.js";

/**
 * A file system whose operations are mixed with those of other processes. The seed decides how long each waits.
 */
export class SlowFs extends SteppedFs {
  readonly #random: Random;

  constructor(inner: FileSystem, random: Random) {
    super(inner);
    this.#random = random;
  }

  protected async step<Result>(run: () => Promise<Result>): Promise<Result> {
    for (let turns = this.#random.below(30); turns > 0; turns--) await Promise.resolve();
    return run();
  }
}
