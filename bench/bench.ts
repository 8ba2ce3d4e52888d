// Measures what the project promises, and what it is compared with.  npm run bench -- --help
import { cpus } from "node:os";
import { resolve } from "node:path";
import { downloadGoals, uploadGoals, type Goal } from "./goals.js";
import { thisMachine, type Machine } from "./machine.js";
import { parseOptions, usage, type BenchOptions, type ScenarioName } from "./options.js";
import { keep, printGoals, printRows } from "./report.js";
import { benchDisk } from "./scenarios/disk.js";
import { benchEngine } from "./scenarios/engine.js";
import { benchFiles } from "./scenarios/files.js";
import { benchLink } from "./scenarios/link.js";
import { benchMemory } from "./scenarios/memory.js";
import type { Outcome } from "./scenarios/outcome.js";
import { benchPacked } from "./scenarios/packed.js";
import { benchReceipts } from "./scenarios/receipts.js";
import { benchResume } from "./scenarios/resume.js";
import { benchDownload, benchUpload, type SideBySide } from "./scenarios/side-by-side.js";
import { benchServer } from "./scenarios/server.js";
import { benchStart } from "./scenarios/start.js";
import { benchWan } from "./scenarios/wan.js";

const scenarios: Record<ScenarioName, (options: BenchOptions) => Promise<Outcome>> = {
  upload: async (options) => shown(await benchUpload(options), options, uploadGoals),
  download: async (options) => shown(await benchDownload(options), options, downloadGoals),
  memory: benchMemory,
  resume: benchResume,
  engine: benchEngine,
  start: benchStart,
  link: benchLink,
  wan: benchWan,
  disk: benchDisk,
  packed: benchPacked,
  receipts: benchReceipts,
  server: benchServer,
  files: benchFiles,
};

/**
 * Selects the goals to print. They are for this machine alone: with a link in front of it, they would not
 * apply.
 */
function shown(
  figures: SideBySide,
  { mbit, delayMs }: BenchOptions,
  goalsOf: (rows: SideBySide["rows"]) => readonly Goal[],
): Outcome {
  printRows(figures);
  return { figures, goals: mbit === 0 && delayMs === 0 ? goalsOf(figures.rows) : [] };
}

async function run(options: BenchOptions): Promise<void> {
  const machine = thisMachine();
  console.log(machineLine(machine));
  for (const scenario of options.scenarios) {
    console.log(`\n${scenario}`);
    const { figures, goals } = await scenarios[scenario](options);
    printGoals(goals);
    const takenAt = new Date().toISOString();
    const result = { scenario, takenAt, machine, options, goals, figures };
    await keep(result, resolve(options.out));
  }
}

const machineLine = ({ cpu, cores, memoryGib, system, versions }: Machine): string =>
  `${cores} x ${cpu}, ${memoryGib} GiB, ${system}, Node ${versions["node"]}`;

/** Parses the options. Null if they are invalid, which has been printed. */
function given(args: readonly string[]): BenchOptions | null {
  try {
    return parseOptions(args, cpus().length);
  } catch (error) {
    console.error(`${(error as Error).message}\nWhat there is: npm run bench -- --help`);
    process.exitCode = 2;
    return null;
  }
}

const args = process.argv.slice(2);
if (args.includes("--help")) {
  console.log(usage);
} else {
  const options = given(args);
  if (options !== null) await run(options);
}
