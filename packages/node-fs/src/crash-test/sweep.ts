import type { FileSystem } from "../files/file-system.js";
import type { Processes } from "../journals/lock-holder.js";
import { DiskImage } from "./disk-image.js";
import { FakeMachine } from "./fake-machine.js";
import type { Fault } from "./faulty-fs.js";
import { faultModes, FaultyFs } from "./faulty-fs.js";
import { MemoryFs } from "./memory-fs.js";
import { disksAfter, PowerLossFs } from "./power-loss-fs.js";
import type { Random } from "./random.js";

/** Where a scenario runs. */
export interface World {
  readonly fs: FileSystem;
  readonly processes: Processes;
  /** Whether every operation does as it is told. If not, garbage may be left, for the next process. */
  readonly sound: boolean;
  /** Resolves when this process dies: then nothing of it goes on, in the network neither. */
  readonly died: Promise<void>;
}

/** Something that is tried under every fault. It knows, at any time, what it has promised. */
export interface Scenario<History> {
  begin(): History;
  copy(history: History): History;
  /** Rejects only if a fault makes it so. */
  run(world: World, history: History): Promise<void>;
  /** In a new process, after a crash. Goes on, and rejects with a Violation if a promise was broken. */
  recover(world: World, history: History): Promise<void>;
  /** Whether this is how a fault may be told. */
  isExpected(error: unknown): boolean;
}

const never = new Promise<never>(() => undefined);

/** A promise that was broken. */
export class Violation extends Error {}

/** How many of the disks that a crash may leave are tried. */
export interface Depth {
  readonly most: number;
  readonly seeds: number;
  readonly random: Random;
  /** Of a second crash: it is tried in the recovery from one in so many disks. */
  readonly each?: number;
}

/** Loses the power at every operation of a scenario. Resolves to the number of disks recovered from. */
export async function sweepPowerLoss<History>(
  scenario: Scenario<History>,
  first: Depth,
  second: Depth | null,
): Promise<number> {
  const machine = new FakeMachine();
  const record = async (work: Scenario<History>["run"], disk: DiskImage, history: History) => {
    machine.loseThePower();
    const fs = new PowerLossFs(disk, () => scenario.copy(history));
    await work({ fs, processes: machine.start(), sound: true, died: never }, history);
    return fs;
  };
  const recover = (world: World, history: History) => scenario.recover(world, history);
  let disks = 0;
  const crash = async (fs: PowerLossFs<History>, depths: readonly Depth[]): Promise<void> => {
    const [depth, ...deeper] = depths;
    if (depth === undefined) return;
    for (const point of fs.crashPoints()) {
      for (const disk of disksAfter(point, depth)) {
        disks++;
        const isTried = disks % (deeper[0]?.each ?? 1) === 0;
        const recovered = await record(recover, disk, scenario.copy(point.mark));
        if (isTried) await crash(recovered, deeper);
      }
    }
  };
  const run = (world: World, history: History) => scenario.run(world, history);
  const whole = await record(run, new DiskImage(), scenario.begin());
  await crash(whole, second === null ? [first] : [first, second]);
  return disks;
}

/** Which second crashes are tried, in the recovery from a first one. */
export interface SecondCrashes {
  /** After one in so many first crashes. */
  readonly each: number;
  /** At one in so many operations of the recovery, in every mode; which ones differs from crash to crash. */
  readonly stride: number;
}

/**
 * Fails, or kills the process, at every operation of a scenario, in every mode; and again in the
 * recovery. Resolves to the number of crashes recovered from.
 */
export async function sweepFaults<History>(
  scenario: Scenario<History>,
  { second, code }: { readonly second: SecondCrashes | null; readonly code?: string },
): Promise<number> {
  const machine = new FakeMachine();
  let crashes = 0;
  let firsts = 0;
  const onCopy = async (
    work: Scenario<History>["run"],
    disk: DiskImage,
    before: History,
    deeper: SecondCrashes | null,
    at: Every,
  ): Promise<void> => {
    await eachFault(code, at, async (fault) => {
      const disk2 = new MemoryFs(disk);
      const history = scenario.copy(before);
      const fs = new FaultyFs(disk2, fault);
      await attempt(
        scenario,
        work,
        { fs, processes: machine.start(), sound: false, died: fs.died },
        history,
        fs,
      );
      if (fs.count <= fault.at) return false;
      crashes++;
      machine.killAll();
      const left = new DiskImage(disk2.image);
      const afterwards = scenario.copy(history);
      await scenario.recover(
        { fs: disk2, processes: machine.start(), sound: true, died: never },
        history,
      );
      if (deeper !== null && ++firsts % deeper.each === 0) {
        const some = { first: firsts % deeper.stride, stride: deeper.stride };
        await onCopy((...given) => scenario.recover(...given), left, afterwards, null, some);
      }
      return true;
    });
  };
  const run: Scenario<History>["run"] = (...given) => scenario.run(...given);
  await onCopy(run, new DiskImage(), scenario.begin(), second, everyOne);
  return crashes;
}

/** As `sweepFaults`, once, on a disk that cannot be copied: `fresh` gives an empty one each time. */
export async function sweepFaultsOn<History>(
  scenario: Scenario<History>,
  fresh: () => Promise<FileSystem>,
): Promise<number> {
  let crashes = 0;
  await eachFault(undefined, everyOne, async (fault) => {
    const machine = new FakeMachine();
    const inner = await fresh();
    const history = scenario.begin();
    const fs = new FaultyFs(inner, fault);
    const run: Scenario<History>["run"] = (...given) => scenario.run(...given);
    await attempt(
      scenario,
      run,
      { fs, processes: machine.start(), sound: false, died: fs.died },
      history,
      fs,
    );
    await fs.closeAll();
    if (fs.count <= fault.at) return false;
    crashes++;
    machine.killAll();
    await scenario.recover(
      { fs: inner, processes: machine.start(), sound: true, died: never },
      history,
    );
    return true;
  });
  return crashes;
}

/** Which operations. */
interface Every {
  readonly first: number;
  readonly stride: number;
}
const everyOne: Every = { first: 0, stride: 1 };

async function eachFault(
  code: string | undefined,
  { first, stride }: Every,
  tried: (fault: Fault) => Promise<boolean>,
): Promise<void> {
  for (const mode of faultModes) {
    for (let at = first; ; at += stride) {
      const fault = code === undefined ? { at, mode } : { at, mode, code };
      try {
        if (!(await tried(fault))) break;
      } catch (cause) {
        throw new Error(`at operation ${at}, ${mode}`, { cause });
      }
    }
  }
}

/** Runs until the end, an error, or the process's death. */
async function attempt<History>(
  scenario: Scenario<History>,
  work: Scenario<History>["run"],
  world: World,
  history: History,
  fs: FaultyFs,
): Promise<void> {
  try {
    await Promise.race([work(world, history), fs.died]);
  } catch (error) {
    if (error instanceof Violation || !scenario.isExpected(error)) throw error;
  }
}
