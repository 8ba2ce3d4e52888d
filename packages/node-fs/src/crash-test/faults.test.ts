import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { journalStoreContract } from "@img/transfer/contracts";
import { realFileSystem } from "@img/files";
import { fileJournals } from "../journals/journal-store.js";
import { FakeMachine } from "../../../files/src/crash-test/fake-machine.js";
import { faultModes, FaultyFs, type FaultMode } from "../../../files/src/crash-test/faulty-fs.js";
import { journalScenario, oldJournalScenario } from "./journal-scenario.js";
import { MemoryFs } from "../../../files/src/crash-test/memory-fs.js";
import { sweepErrors, sweepFaults, sweepFaultsOn } from "../../../files/src/crash-test/sweep.js";

describe("journals on a disk whose faults are still to come", () => {
  const open = () => {
    const fs = new FaultyFs(new MemoryFs(), { at: Infinity, mode: "throw-once" });
    return fileJournals("/home/state/img", fs, new FakeMachine().start());
  };
  journalStoreContract({ test, open, cannot: {} });
});

const wantedCrashes = Number(process.env.IMG_CRASH_STATES ?? 20_000);

// fault D01
test("SIGKILL, EIO or a short write at every I/O operation n: every receipt that was acknowledged survives", async () => {
  const startedMs = performance.now();
  let crashes = 0;
  let histories = 0;
  for (; crashes < wantedCrashes; histories++) {
    crashes += await sweepFaults(journalScenario(histories), { second: { each: 7, stride: 1 } });
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`faults: ${crashes} crash states of ${histories} histories in ${seconds} s`);
  expect(crashes).toBeGreaterThanOrEqual(wantedCrashes);
}, 3_600_000);

// fault D12
test("the same with a journal of version 1 in its place, while it becomes one of version 2", async () => {
  let crashes = 0;
  for (let seed = 0; seed < 2; seed++) {
    crashes += await sweepFaults(oldJournalScenario(seed), { second: { each: 7, stride: 1 } });
  }
  expect(crashes).toBeGreaterThan(1_000);
}, 3_600_000);

// Each kind of fault in a folder of its own, at the same time: most of it is waiting for the disk.
test("the same on a real disk", async () => {
  const root = await mkdtemp(join(tmpdir(), "img-faults-"));
  const sweep = async (mode: FaultMode): Promise<number> => {
    const folder = join(root, mode);
    return sweepFaultsOn(journalScenario(5, folder), mode, async () => {
      await rm(folder, { recursive: true, force: true });
      return realFileSystem;
    });
  };
  try {
    const crashes = await Promise.all(faultModes.map(sweep));
    expect(crashes.reduce((sum, each) => sum + each)).toBeGreaterThan(300);
    for (const each of crashes) expect(each).toBeGreaterThan(10);
  } finally {
    await rm(root, { recursive: true });
  }
}, 3_600_000);

// fault D03
test.each(["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EMFILE"])(
  "%s at operation n, once and from n on: a JournalIoError, and the receipts before are valid",
  async (code) => {
    const crashes = await sweepErrors(journalScenario(3), code);
    expect(crashes).toBeGreaterThan(100);
  },
);
