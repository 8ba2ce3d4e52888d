import { measure, type Measured } from "./measure.js";

/** One of those that run side by side. */
export interface Contender {
  /** For `--only`. */
  readonly name: string;
  /** For a person. */
  readonly what: string;
  /** Null where something that it needs is not here. */
  readonly command: readonly string[] | null;
  /** What a run says of its own time, without the start of its process: a second row. */
  readonly insideSeconds?: (stdout: string) => number;
}

/** One line of a result. */
export interface Row {
  readonly name: string;
  readonly what: string;
  /** Of each round. */
  readonly allSeconds: readonly number[];
  readonly seconds: number;
  readonly mibPerSec: number;
  /** How many times as long as the first contender it took: the median over pairs of one round. */
  readonly timesOurs: number;
  /** How many times the first contender's CPU it took, in the same way. */
  readonly timesOurCpu: number;
  /** The highest of all rounds. */
  readonly peakMiB: number | null;
  readonly cpuSecondsPerGib: number;
}

/**
 * Runs all contenders in turn, round after round, so that a drift of the machine hits all alike; the
 * first round only warms up.
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

/** A scenario takes minutes: on stderr it shows that it runs. */
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

/** The middle one; of an even number the mean of both in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new Error("a median of nothing");
  return (low + high) / 2;
}
