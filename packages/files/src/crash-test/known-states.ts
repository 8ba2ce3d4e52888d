import type { DiskImage } from "./disk-image.js";
import type { Scenario } from "./scenario.js";

/** The states after a crash from which a recovery was tried. Equal states are tried once. */
export class KnownStates<History> {
  readonly #scenario: Scenario<History>;
  readonly #known = new Set<string>();
  #moments = 0;

  constructor(scenario: Scenario<History>) {
    this.#scenario = scenario;
  }

  /** Whether this state was tried before. */
  has(disk: DiskImage, history: History): boolean {
    const promised = this.#scenario.toText?.(history) ?? `another ${this.#moments++}`;
    const state = `${promised}\n${disk.toText()}`;
    if (this.#known.has(state)) return true;
    this.#known.add(state);
    return false;
  }
}
