import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { median, MiB } from "../compare.js";
import { measure, type Measured } from "../measure.js";
import type { BenchOptions } from "../options.js";
import { imgCommand, onStage, type Stage } from "../stage.js";
import { printTable } from "../table.js";
import type { Outcome } from "./outcome.js";

/** The goals are those of the first. */
const counts = [60, 200] as const;
const commandsByHand = 4;

/**
 * Compares uploads of many small files: all in one command, and distributed to commands that run at the same
 * time.
 */
export function benchFiles(options: BenchOptions): Promise<Outcome> {
  return onStage({ ...options, sizeBytes: 8 * MiB }, 1, async (stage) => {
    const files = copies(stage, Math.max(...counts));
    const found = [];
    for (const count of counts) found.push(await compared(stage, files.slice(0, count), options));
    const rows = found.flatMap(({ together, byHand }, index) => [
      rowOf(`${counts[index]} files, one command`, together),
      rowOf(`${counts[index]} files, ${commandsByHand} commands`, byHand),
    ]);
    printTable(rows);
    const [first] = found;
    return { figures: { rows }, goals: goalsOf(first!.together, first!.byHand) };
  });
}

/** The runs of one command for all files, and of several that share them. */
interface Compared {
  readonly together: readonly Measured[];
  readonly byHand: readonly Measured[];
}

async function compared(
  stage: Stage,
  files: readonly string[],
  options: BenchOptions,
): Promise<Compared> {
  const list = join(stage.folder, "list");
  writeFileSync(list, files.join("\n"));
  const perCommand = String(Math.ceil(files.length / commandsByHand));
  const shareOut = ["xargs", "-a", list, "-n", perCommand, "-P", String(commandsByHand)];
  const [together, byHand]: [Measured[], Measured[]] = [[], []];
  for (let run = 0; run <= options.runs; run++) {
    const one = await uploaded(stage, imgCommand(["upload", ...files], options));
    const several = await uploaded(stage, [...shareOut, ...imgCommand(["upload"], options)]);
    if (run === 0) continue; // warms up
    together.push(one);
    byHand.push(several);
  }
  return { together, byHand };
}

function copies({ folder, image }: Stage, count: number): readonly string[] {
  const to = join(folder, "files");
  mkdirSync(to);
  const files = Array.from({ length: count }, (_, index) => join(to, `disk-${index}.img`));
  for (const file of files) copyFileSync(image, file);
  return files;
}

/** Uploads without the journals of earlier runs. */
async function uploaded({ folder, env }: Stage, command: readonly string[]): Promise<Measured> {
  rmSync(join(folder, "state"), { recursive: true, force: true });
  return measure(command, env);
}

const secondsOf = (runs: readonly Measured[]): number => median(runs.map(({ seconds }) => seconds));

const rowOf = (how: string, runs: readonly Measured[]) => ({
  how,
  seconds: secondsOf(runs),
  cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
  peakMiB: Math.max(...runs.map(({ peakMiB }) => peakMiB ?? 0)),
});

const goalsOf = (together: readonly Measured[], byHand: readonly Measured[]) =>
  [
    {
      what: `${counts[0]} files of 8 MiB in one command`,
      unit: "ms",
      reached: secondsOf(together) * 1000,
      atMost: 1500,
    },
    {
      what: "the same, of the time of the best order by hand",
      unit: "times",
      reached: secondsOf(together) / secondsOf(byHand),
      atMost: 1,
    },
  ] as const;
