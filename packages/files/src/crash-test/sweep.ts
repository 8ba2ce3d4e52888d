import type { FileSystem } from "../file-system.js";
import { DiskImage } from "./disk-image.js";
import { FakeMachine } from "./fake-machine.js";
import { KnownStates } from "./known-states.js";
import { MemoryFs } from "./memory-fs.js";
import { disksAfter, PowerLossFs } from "./power-loss-fs.js";
import type { Random } from "./random.js";
import type { Scenario } from "./scenario.js";
import { never } from "./scenario.js";

export type { Scenario, World } from "./scenario.js";
export { Violation } from "./scenario.js";
export { sweepErrors, sweepFaults, sweepFaultsOn } from "./sweep-faults.js";

/** How many of the disks that a crash may leave are tried. */
export interface Depth {
  readonly most: number;
  readonly seeds: number;
  readonly random: Random;
  /** A second crash is tried during the recovery from one of this many disks. */
  readonly each?: number;
}

/** Cuts the power at every operation of a scenario. Resolves to the number of states that were tried. */
export async function sweepPowerLoss<History>(
  scenario: Scenario<History>,
  first: Depth,
  second: Depth | null,
): Promise<number> {
  const sweep = new PowerLossSweep(scenario);
  await sweep.runOn(new DiskImage(), scenario.begin(), second === null ? [first] : [first, second]);
  return sweep.states;
}

class PowerLossSweep<History> {
  states = 0;
  readonly #scenario: Scenario<History>;
  readonly #machine = new FakeMachine();

  constructor(scenario: Scenario<History>) {
    this.#scenario = scenario;
  }

  async runOn(disk: DiskImage, history: History, depths: readonly Depth[]): Promise<void> {
    const run: Scenario<History>["run"] = (...given) => this.#scenario.run(...given);
    await this.#crash(await this.#record(run, disk, history), depths);
  }

  async #crash(fs: PowerLossFs<History>, [depth, ...deeper]: readonly Depth[]): Promise<void> {
    if (depth === undefined) return;
    const each = deeper[0]?.each ?? 1;
    const known = new KnownStates(this.#scenario);
    for (const point of fs.crashPoints()) {
      for (const disk of disksAfter(point, depth)) {
        const again = ++this.states % each === 0 && deeper.length > 0;
        if (known.has(disk, point.mark)) continue;
        await this.#recover(disk, this.#scenario.copy(point.mark), again ? deeper : []);
      }
    }
  }

  async #recover(disk: DiskImage, history: History, deeper: readonly Depth[]): Promise<void> {
    const recover: Scenario<History>["run"] = (...given) => this.#scenario.recover(...given);
    if (deeper.length === 0) return this.#work(recover, new MemoryFs(disk), history);
    await this.#crash(await this.#record(recover, disk, history), deeper);
  }

  async #record(
    work: Scenario<History>["run"],
    disk: DiskImage,
    history: History,
  ): Promise<PowerLossFs<History>> {
    const fs = new PowerLossFs(disk, () => this.#scenario.copy(history));
    await this.#work(work, fs, history);
    return fs;
  }

  async #work(work: Scenario<History>["run"], fs: FileSystem, history: History): Promise<void> {
    this.#machine.loseThePower();
    await work({ fs, process: this.#machine.start(), sound: true, died: never }, history);
  }
}
