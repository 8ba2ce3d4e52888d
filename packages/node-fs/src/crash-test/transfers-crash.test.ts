import { expect, test } from "vitest";
import { isDense } from "./density.js";
import { downloadScenario } from "./download-scenario.js";
import { Random } from "../../../files/src/crash-test/random.js";
import { sweepFaults, sweepPowerLoss } from "../../../files/src/crash-test/sweep.js";
import type { Scenario } from "../../../files/src/crash-test/scenario.js";
import { uploadScenario } from "./upload-scenario.js";

type Sweep = <History>(scenario: Scenario<History>) => Promise<number>;

const scenarios = [
  ["a new upload", (sweep: Sweep) => sweep(uploadScenario("new"))],
  ["a resumed upload", (sweep: Sweep) => sweep(uploadScenario("resumed"))],
  [
    "an upload of a source that is read from its start",
    (sweep: Sweep) => sweep(uploadScenario("sequential")),
  ],
  ["an upload that is made again", (sweep: Sweep) => sweep(uploadScenario("again"))],
  ["a download with its sink", (sweep: Sweep) => sweep(downloadScenario())],
] as const;

function tell(what: string, states: number, startedMs: number): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${what}: ${states} crash states in ${seconds} s`);
}

// fault D02, D60
test.each(scenarios)(
  "power loss at every operation of %s: it resumes, and sends nothing twice",
  async (what, sweepEach) => {
    const startedMs = performance.now();
    const random = new Random(1);
    const first = isDense ? { most: 4096, seeds: 50, random } : { most: 16, seeds: 10, random };
    const second = { most: 4, seeds: isDense ? 10 : 1, random, each: isDense ? 10 : 100 };
    const states = await sweepEach((scenario) => sweepPowerLoss(scenario, first, second));
    tell(`power loss in ${what}`, states, startedMs);
    expect(states).toBeGreaterThan(100);
  },
  3_600_000,
);

// fault D01, D60
test.each(scenarios)(
  "SIGKILL, EIO or a short write at every operation of %s: it resumes, and sends nothing twice",
  async (what, sweepEach) => {
    const startedMs = performance.now();
    // What is made again is three uploads, whose parts are tried above.
    const stride = isDense ? 1 : what === "an upload that is made again" ? 2_000 : 150;
    const second = { each: 1, stride };
    const states = await sweepEach((scenario) => sweepFaults(scenario, { second }));
    tell(`faults in ${what}`, states, startedMs);
    expect(states).toBeGreaterThanOrEqual(300);
  },
  3_600_000,
);
