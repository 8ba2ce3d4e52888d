import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineCost } from "../engine/engine-process.js";
import type { Goal } from "../goals.js";
import { root } from "../machine.js";
import { measure } from "../measure.js";
import type { BenchOptions } from "../options.js";
import { printTable } from "../table.js";
import type { Outcome } from "./outcome.js";

/** Measures the engine's cost per part: everything except sending, hashing and the disk's own sync. */
export async function benchEngine({ runs, cpuProfile, out }: BenchOptions): Promise<Outcome> {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "img-bench-"));
  try {
    const profiling = cpuProfile
      ? ["--cpu-prof", `--cpu-prof-dir=${join(out, "engine-profiles")}`]
      : [];
    const program = join(root, "bench/dist/engine/engine-process.js");
    const command = [process.execPath, ...profiling, program, folder, String(runs)];
    const { stdout } = await measure(command, process.env);
    const cost = JSON.parse(stdout) as EngineCost;
    printTable([cost]);
    return { figures: cost, goals: goalsOf(cost) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function goalsOf({ msPerPartOf10000, ratio }: EngineCost): readonly Goal[] {
  const what = "the engine, per part of 10,000";
  return [
    { what, unit: "ms", reached: msPerPartOf10000, atMost: 1 },
    { what: `${what}, of a part of 100`, unit: "times", reached: ratio, atMost: 1.1 },
  ];
}
