import { join } from "node:path";
import { outputFile, outputJson, pathExists, readJson } from "fs-extra/esm";
import type { Row } from "./compare.js";
import { isMet, type Goal } from "./goals.js";
import type { Machine } from "./machine.js";
import type { BenchOptions, ScenarioName } from "./options.js";
import { lossPanel, picture, speedPanel, type Panel } from "./picture.js";
import { printTable } from "./table.js";
import type { SideBySide } from "./scenarios/side-by-side.js";
import { lossyLink, type WanFigures } from "./scenarios/wan.js";

/** The result of a scenario, kept in `SCENARIO.json`. */
export interface Result {
  readonly scenario: ScenarioName;
  readonly takenAt: string;
  readonly machine: Machine;
  readonly options: BenchOptions;
  readonly goals: readonly Goal[];
  readonly figures: object;
}

export function printRows({ rows, missing }: SideBySide): void {
  printTable(rows.map(rowForPerson));
  for (const what of missing) console.log(`not here: ${what}`);
}

function rowForPerson(row: Row): object {
  return {
    what: row.what,
    seconds: row.seconds.toFixed(2),
    "MiB/s": Math.round(row.mibPerSec),
    "x our time": row.timesOurs.toFixed(2),
    "CPU s/GiB": row.cpuSecondsPerGib.toFixed(2),
    "x our CPU": row.timesOurCpu.toFixed(2),
    "peak MiB": row.peakMiB === null ? null : Math.round(row.peakMiB),
  };
}

export function printGoals(goals: readonly Goal[]): void {
  for (const goal of goals) {
    const { what, unit, reached, atLeast, atMost } = goal;
    const bound = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
    const figure = `${reached.toFixed(unit === "times" ? 2 : 1)} ${unit}`;
    console.log(`${isMet(goal) ? "reached" : "MISSED "}  ${what}: ${figure} (goal: ${bound})`);
  }
}

/** Writes the result, and draws the picture again from those that are there. */
export async function keep(result: Result, out: string): Promise<void> {
  await outputJson(join(out, `${result.scenario}.json`), result, { spaces: 2 });
  const panels = [
    await speedsIn(out, "upload"),
    await speedsIn(out, "download"),
    await lossesIn(out),
  ];
  const drawn = panels.filter((panel) => panel !== null);
  if (drawn.length > 0) await outputFile(join(out, "speed.svg"), picture(drawn));
}

async function speedsIn(out: string, scenario: "upload" | "download"): Promise<Panel | null> {
  const file = join(out, `${scenario}.json`);
  if (!(await pathExists(file))) return null;
  const { machine, options, figures } = (await readJson(file)) as Result & { figures: SideBySide };
  return speedPanel({ scenario, machine, link: options, ...figures });
}

async function lossesIn(out: string): Promise<Panel | null> {
  const file = join(out, "wan.json");
  if (!(await pathExists(file))) return null;
  const { figures } = (await readJson(file)) as { figures: WanFigures | { notRun: string } };
  if ("notRun" in figures) return null;
  const line = figures.cases.find(({ what }) => what === lossyLink);
  const shares = figures.shares.filter(
    ({ link, program }) => link === lossyLink && !program.endsWith("without its start"),
  );
  return line === undefined || shares.length === 0 ? null : lossPanel(shares, line);
}
