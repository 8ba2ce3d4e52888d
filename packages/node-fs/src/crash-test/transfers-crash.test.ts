import { expect, test } from "vitest";
import { isDense } from "./density.js";
import { downloadScenario } from "./download-scenario.js";
import { Random } from "../../../files/src/crash-test/random.js";
import { sweepFaults, sweepPowerLoss } from "../../../files/src/crash-test/sweep.js";
import { uploadScenario } from "./upload-scenario.js";

const scenarios = [
  ["a new upload", () => uploadScenario("new")],
  ["a resumed upload", () => uploadScenario("resumed")],
  ["a download with its sink", downloadScenario],
] as const;

function tell(what: string, states: number, startedMs: number): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${what}: ${states} crash states in ${seconds} s`);
}

// fault D02
test.each(scenarios)(
  "power loss at every operation of %s: it goes on, and sends nothing twice",
  async (what, scenario) => {
    const startedMs = performance.now();
    const random = new Random(1);
    const first = isDense ? { most: 4096, seeds: 50, random } : { most: 16, seeds: 10, random };
    const second = { most: 4, seeds: isDense ? 10 : 1, random, each: isDense ? 10 : 100 };
    const states = await sweepPowerLoss(scenario(), first, second);
    tell(`power loss in ${what}`, states, startedMs);
    expect(states).toBeGreaterThan(100);
  },
  3_600_000,
);

// fault D01
test.each(scenarios)(
  "SIGKILL, EIO or a short write at every operation of %s: it goes on, and sends nothing twice",
  async (what, scenario) => {
    const startedMs = performance.now();
    const states = await sweepFaults(scenario(), {
      second: { each: 1, stride: isDense ? 1 : 150 },
    });
    tell(`faults in ${what}`, states, startedMs);
    expect(states).toBeGreaterThanOrEqual(300);
  },
  3_600_000,
);
