import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { median, MiB } from "../compare.js";
import { measure, type Measured } from "../measure.js";
import type { BenchOptions } from "../options.js";
import { imgCommand, onStage, type Stage } from "../stage.js";
import { printTable } from "../table.js";
import type { Outcome } from "./outcome.js";

const count = 60;
const commandsByHand = 4;

/** Many small files: all in one command, and shared out among commands that run at the same time. */
export function benchFiles(options: BenchOptions): Promise<Outcome> {
  return onStage({ ...options, sizeBytes: 8 * MiB }, 1, async (stage) => {
    const files = copies(stage);
    const list = join(stage.folder, "list");
    writeFileSync(list, files.join("\n"));
    const perCommand = String(Math.ceil(count / commandsByHand));
    const shareOut = ["xargs", "-a", list, "-n", perCommand, "-P", String(commandsByHand)];
    const [together, byHand]: [Measured[], Measured[]] = [[], []];
    for (let run = 0; run <= options.runs; run++) {
      const one = await uploaded(stage, imgCommand(["upload", ...files], options));
      const several = await uploaded(stage, [...shareOut, ...imgCommand(["upload"], options)]);
      if (run === 0) continue; // warms up
      together.push(one);
      byHand.push(several);
    }
    const rows = [rowOf("one command", together), rowOf(`${commandsByHand} commands`, byHand)];
    printTable(rows);
    return { figures: { rows }, goals: goalsOf(together, byHand) };
  });
}

function copies({ folder, image }: Stage): readonly string[] {
  const to = join(folder, "files");
  mkdirSync(to);
  const files = Array.from({ length: count }, (_, index) => join(to, `disk-${index}.img`));
  for (const file of files) copyFileSync(image, file);
  return files;
}

/** Without what an earlier run remembers. */
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
      what: `${count} files of 8 MiB in one command`,
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
