import { describe, expect, test } from "vitest";
import { journalStoreContract } from "@img/transfer/contracts";
import { fileJournals } from "../journals/journal-store.js";
import { DiskImage } from "../../../files/src/crash-test/disk-image.js";
import { FakeMachine } from "../../../files/src/crash-test/fake-machine.js";
import {
  journalScenario,
  oldJournalScenario,
  unsyncedFoldersScenario,
} from "./journal-scenario.js";
import { PowerLossFs } from "../../../files/src/crash-test/power-loss-fs.js";
import { Random } from "../../../files/src/crash-test/random.js";
import { sweepPowerLoss } from "../../../files/src/crash-test/sweep.js";

describe("journals on a disk that keeps apart what was synced", () => {
  const open = () => {
    const fs = new PowerLossFs(new DiskImage(), () => null);
    return fileJournals("/home/state/img", fs, new FakeMachine().start());
  };
  journalStoreContract({ test, open, cannot: {} });
});

/** IMG_CRASH_STATES=5000000 continues, with other histories, until so many states were tried. */
const wantedStates = Number(process.env.IMG_CRASH_STATES ?? 80_000);

// fault D02
test("power loss at every operation: every receipt that was acknowledged survives", async () => {
  const startedMs = performance.now();
  let [states, recoveries, histories] = [0, 0, 0];
  for (; states < wantedStates; histories++) {
    const random = new Random(histories);
    const scenario = journalScenario(histories);
    const counted: typeof scenario = {
      ...scenario,
      recover: (...given) => (recoveries++, scenario.recover(...given)),
    };
    states += await sweepPowerLoss(counted, { most: 4096, seeds: 50, random }, null);
    const sparse = { most: 24, seeds: 12, random };
    if (histories % 4 === 0) states += await sweepPowerLoss(counted, sparse, sparse);
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const what = `${states} crash states of ${histories} histories, ${recoveries} of them unlike`;
  console.log(`power loss: ${what}, in ${seconds} s`);
  expect(states).toBeGreaterThanOrEqual(wantedStates);
}, 3_600_000);

// fault D12
test("the same with a journal of version 1 in its place, while it becomes one of version 2", async () => {
  let states = 0;
  for (let seed = 0; seed < 4; seed++) {
    const random = new Random(seed);
    states += await sweepPowerLoss(
      oldJournalScenario(seed),
      { most: 4096, seeds: 50, random },
      null,
    );
  }
  expect(states).toBeGreaterThan(1_000);
});

// fault D62
test("the same on a disk that cannot sync a folder: the journal is lost or an older one, and has no wrong receipt", async () => {
  let states = 0;
  for (let seed = 0; states < wantedStates / 8; seed++) {
    const random = new Random(seed);
    const few = { most: 64, seeds: 12, random };
    states += await sweepPowerLoss(unsyncedFoldersScenario(seed), few, null);
  }
  console.log(`power loss without folder sync: ${states} crash states`);
  expect(states).toBeGreaterThan(1_000);
});
