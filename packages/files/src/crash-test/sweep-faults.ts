import type { FileSystem } from "../file-system.js";
import { DiskImage } from "./disk-image.js";
import { DyingFs } from "./dying-fs.js";
import { FakeMachine } from "./fake-machine.js";
import type { Fault, FaultMode } from "./faulty-fs.js";
import { FaultyFs } from "./faulty-fs.js";
import { KnownStates } from "./known-states.js";
import { MemoryFs } from "./memory-fs.js";
import type { Scenario, World } from "./scenario.js";
import { never, Violation } from "./scenario.js";

/** The second crashes that are tried, during the recovery from a first one. */
export interface SecondCrashes {
  /** Tried after one of this many first crashes. */
  readonly each: number;
  /**
   * Tried at one of this many operations of the recovery, in every mode. Which ones differs from crash to
   * crash.
   */
  readonly stride: number;
}

/**
 * Kills the process at every operation of a scenario: before, after and in the middle of it. Also fails each
 * operation with EIO, alone and with all that follow, or does half of it. All of this is repeated during the
 * recovery. Resolves to the number of crashes that were recovered from.
 */
export async function sweepFaults<History>(
  scenario: Scenario<History>,
  { second }: { readonly second: SecondCrashes | null },
): Promise<number> {
  const sweep = new FaultSweep(scenario, second);
  await sweep.runOn(new DiskImage(), scenario.begin());
  return sweep.crashes;
}

/** Fails each operation of a scenario with each of these errors, alone and with all that follow. */
export async function sweepErrors<History>(
  scenario: Scenario<History>,
  code: string,
): Promise<number> {
  const sweep = new FaultSweep(scenario, null);
  const run: Scenario<History>["run"] = (...given) => scenario.run(...given);
  for (const mode of ["throw-once", "throw-on"] as const) {
    let isThere = true;
    for (let at = 0; isThere; at++) {
      const fault = { at, mode, code };
      isThere = await labelled(`${mode} at operation ${at}`, async () => {
        const left = await sweep.fail(run, new DiskImage(), scenario.begin(), fault);
        return left !== null;
      });
    }
  }
  return sweep.crashes;
}

/**
 * Does the same as `sweepFaults`, once, for one kind of fault, on a disk that cannot be copied: `fresh` returns an
 * empty one each time.
 */
export async function sweepFaultsOn<History>(
  scenario: Scenario<History>,
  mode: FaultMode,
  fresh: () => Promise<FileSystem>,
): Promise<number> {
  let crashes = 0;
  const run: Scenario<History>["run"] = (...given) => scenario.run(...given);
  const crashAt = async (at: number): Promise<FaultyFs> => {
    const machine = new FakeMachine();
    const inner = await fresh();
    const history = scenario.begin();
    const fs = new FaultyFs(inner, { at, mode });
    await attempt(scenario, run, worldOn(fs, machine), history);
    await fs.closeAll();
    if (fs.count <= at) return fs;
    crashes++;
    machine.killAll();
    await scenario.recover(soundWorldOn(inner, machine), history);
    return fs;
  };
  const { count, divisible } = await crashAt(Infinity);
  for (const at of numbersIn(everyOne, count)) {
    // Half of an operation that has no half is none of it, or all.
    if ((mode === "die-halfway" || mode === "short") && !divisible.has(at)) continue;
    await labelled(`${mode} at operation ${at}`, () => crashAt(at));
  }
  return crashes;
}

class FaultSweep<History> {
  crashes = 0;
  readonly #scenario: Scenario<History>;
  readonly #second: SecondCrashes | null;
  readonly #machine = new FakeMachine();
  #firsts = 0;

  constructor(scenario: Scenario<History>, second: SecondCrashes | null) {
    this.#scenario = scenario;
    this.#second = second;
  }

  async runOn(disk: DiskImage, history: History): Promise<void> {
    const run: Scenario<History>["run"] = (...given) => this.#scenario.run(...given);
    await this.#sweep(run, disk, history, everyOne, (left, mark) => this.#again(left, mark));
  }

  /** Tries a second crash, during the recovery. */
  async #again(disk: DiskImage, history: History): Promise<void> {
    if (this.#second === null || ++this.#firsts % this.#second.each !== 0) return;
    const { stride } = this.#second;
    const some = { first: this.#firsts % stride, stride };
    const recover: Scenario<History>["run"] = (...given) => this.#scenario.recover(...given);
    await this.#sweep(recover, disk, history, some, async () => undefined);
  }

  async #sweep(
    work: Scenario<History>["run"],
    disk: DiskImage,
    before: History,
    at: Every,
    then: (left: DiskImage, history: History) => Promise<void>,
  ): Promise<void> {
    const history = this.#scenario.copy(before);
    const dying = new DyingFs(disk, () => this.#scenario.copy(history));
    await attempt(this.#scenario, work, worldOn(dying, this.#machine), history);
    const known = new KnownStates(this.#scenario);
    for (const death of dying.deaths) {
      if (!isIn(at, death.at)) continue;
      if (known.has(death.disk, death.mark)) {
        this.crashes++;
        continue;
      }
      await labelled(`${death.when} operation ${death.at}`, async () => {
        await this.#recoverOn(death.disk, this.#scenario.copy(death.mark));
        await then(death.disk, death.mark);
      });
    }
    // Until the fault a run is the one that was recorded: it has no further operation that could fail.
    const operations = numbersIn(at, dying.count);
    for (const mode of ["throw-once", "throw-on", "short"] as const) {
      const failing =
        mode === "short" ? operations.filter((n) => dying.divisible.has(n)) : operations;
      for (const number of failing) {
        await labelled(`${mode} at operation ${number}`, async () => {
          const left = await this.fail(work, disk, before, { at: number, mode });
          if (left !== null) await then(left.disk, left.history);
        });
      }
    }
  }

  /** Fails an operation; null if there is no such operation. */
  async fail(
    work: Scenario<History>["run"],
    disk: DiskImage,
    before: History,
    fault: Fault,
  ): Promise<{ readonly disk: DiskImage; readonly history: History } | null> {
    const left = new MemoryFs(disk);
    const history = this.#scenario.copy(before);
    const fs = new FaultyFs(left, fault);
    await attempt(this.#scenario, work, worldOn(fs, this.#machine), history);
    if (fs.count <= fault.at) return null;
    await this.#recoverOn(left.image, this.#scenario.copy(history));
    return { disk: left.image, history };
  }

  async #recoverOn(disk: DiskImage, history: History): Promise<void> {
    this.crashes++;
    this.#machine.killAll();
    await this.#scenario.recover(soundWorldOn(new MemoryFs(disk), this.#machine), history);
  }
}

const worldOn = (
  fs: FileSystem & { readonly died?: Promise<void> },
  machine: FakeMachine,
): World => ({
  fs,
  process: machine.start(),
  sound: false,
  died: fs.died ?? never,
});

const soundWorldOn = (fs: FileSystem, machine: FakeMachine): World => ({
  fs,
  process: machine.start(),
  sound: true,
  died: never,
});

/** Which operations are tried. */
interface Every {
  readonly first: number;
  readonly stride: number;
}
const everyOne: Every = { first: 0, stride: 1 };

const isIn = ({ first, stride }: Every, at: number): boolean =>
  at >= first && (at - first) % stride === 0;

const numbersIn = ({ first, stride }: Every, count: number): number[] =>
  Array.from({ length: count }, (_, number) => number).filter((number) =>
    isIn({ first, stride }, number),
  );

async function labelled<Result>(where: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw new Error(where, { cause });
  }
}

/** Runs until the end, an error, or the death of the process. */
async function attempt<History>(
  scenario: Scenario<History>,
  work: Scenario<History>["run"],
  world: World,
  history: History,
): Promise<void> {
  try {
    await Promise.race([work(world, history), world.died]);
  } catch (error) {
    if (error instanceof Violation || !scenario.isExpected(error)) throw error;
  }
}
