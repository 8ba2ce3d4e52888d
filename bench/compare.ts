import { measure, type Measured } from "./measure.js";

/** One of the programs that are compared. */
export interface Contender {
  /** The name, for `--only`. */
  readonly name: string;
  /** The description, for people. */
  readonly what: string;
  /** The command; null if something that it needs is not installed. */
  readonly command: readonly string[] | null;
  /** Returns the program's own measure of its time, without the start of its process: a second row. */
  readonly insideSeconds?: (stdout: string) => number;
}

/** One line of a result. */
export interface Row {
  readonly name: string;
  readonly what: string;
  /** The seconds of each round. */
  readonly allSeconds: readonly number[];
  readonly seconds: number;
  readonly mibPerSec: number;
  /** The time as a multiple of the first contender's: the median over pairs of one round. */
  readonly timesOurs: number;
  /** The CPU time as a multiple of the first contender's, computed in the same way. */
  readonly timesOurCpu: number;
  /** The highest of all rounds. */
  readonly peakMiB: number | null;
  readonly cpuSecondsPerGib: number;
}

/**
 * Runs all contenders in turn, round after round, so that changes of the machine affect all alike. The first
 * round only warms up.
 */
export async function compare(
  contenders: readonly Contender[],
  sizeBytes: number,
  runs: number,
  env: NodeJS.ProcessEnv,
): Promise<readonly Row[]> {
  const there = contenders.filter(({ command }) => command !== null);
  const results = there.map((): Measured[] => []);
  for (let run = 0; run <= runs; run++) {
    for (const [index, { command }] of there.entries()) {
      const measured = await measure(command ?? [], env);
      tellRun(run, runs, there[index]!.name, measured.seconds);
      if (run > 0) results[index]!.push(measured);
    }
  }
  return there.flatMap((contender, index) =>
    rowsOf(contender, results[index]!, results[0]!, sizeBytes),
  );
}

/** Prints a run to stderr, since a scenario takes minutes. */
function tellRun(run: number, runs: number, name: string, seconds: number): void {
  const round = run === 0 ? "warming up" : `round ${run} of ${runs}`;
  console.error(`${round}: ${name} ${seconds.toFixed(1)} s`);
}

function rowsOf(
  contender: Contender,
  own: readonly Measured[],
  ours: readonly Measured[],
  sizeBytes: number,
): readonly Row[] {
  const whole = rowOf(contender, own, ours, sizeBytes);
  const { name, what, insideSeconds } = contender;
  if (insideSeconds === undefined) return [whole];
  const inside = own.map((run) => ({ ...run, seconds: insideSeconds(run.stdout) }));
  const named = { name: `${name}-inside`, what: `${what}, without its start` };
  return [whole, rowOf(named, inside, ours, sizeBytes)];
}

export function rowOf(
  { name, what }: Pick<Contender, "name" | "what">,
  own: readonly Measured[],
  ours: readonly Measured[],
  sizeBytes: number,
): Row {
  const seconds = median(own.map((run) => run.seconds));
  const peaks = own.flatMap(({ peakMiB }) => (peakMiB === null ? [] : [peakMiB]));
  return {
    name,
    what,
    allSeconds: own.map((run) => run.seconds),
    seconds,
    mibPerSec: sizeBytes / MiB / seconds,
    timesOurs: median(own.map((run, i) => run.seconds / ours[i]!.seconds)),
    timesOurCpu: median(own.map((run, i) => run.cpuSeconds / ours[i]!.cpuSeconds)),
    peakMiB: peaks.length === 0 ? null : Math.max(...peaks),
    cpuSecondsPerGib: median(own.map((run) => run.cpuSeconds)) / (sizeBytes / GiB),
  };
}

export const MiB: number = 1024 * 1024;
export const GiB: number = 1024 * MiB;

/** Returns the median: the middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new Error("a median of nothing");
  return (low + high) / 2;
}
