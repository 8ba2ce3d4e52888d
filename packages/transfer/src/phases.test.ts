import { beforeEach, expect, test } from "vitest";
import { MiB } from "./plan.js";
import type { TransferPhase, TransferProgress } from "./progress.js";
import { TransportError } from "./errors.js";
import { answered } from "./testing/faults.js";
import { seededBytes } from "./testing/memory-ports.js";
import { Rig } from "./testing/rig.js";

const bytes = seededBytes(5 * MiB + 1_000);
let rig: Rig;
let told: TransferProgress[];

beforeEach(() => {
  rig = new Rig(bytes);
  told = [];
});

const onProgress = (progress: TransferProgress): void => void told.push(progress);
const during = (phase: TransferPhase): TransferProgress[] =>
  told.filter((progress) => progress.phase === phase);
const unavailable = answered(503, { "retry-after": "2" });

test("while a transfer prepares, its size is told", async () => {
  rig.service.faults.list.push(unavailable);

  await rig.upload({ onProgress });

  expect(during("preparing").length).toBeGreaterThan(8);
  expect(during("preparing").at(-1)).toMatchObject({
    sizeBytes: bytes.length,
    doneBytes: 0,
    etaMs: null,
  });
});

test("while it finishes, all that has arrived is told, and no rate", async () => {
  rig.service.faults.complete.push(unavailable);

  await rig.upload({ onProgress });

  expect(during("finishing").length).toBeGreaterThan(8);
  expect(during("finishing").at(-1)).toMatchObject({
    sizeBytes: bytes.length,
    doneBytes: bytes.length,
    partsDone: 2,
    bytesPerSecond: 0,
    limitedBy: null,
  });
});

test("while it reads back, what was read and hashed is told, from nothing to all", async () => {
  await rig.upload({ onProgress, verify: "download" });

  const verifying = during("verifying");
  expect(verifying[0]).toMatchObject({ sizeBytes: bytes.length, doneBytes: 0, partsDone: 0 });
  expect(verifying.at(-1)).toMatchObject({
    doneBytes: bytes.length,
    digestedBytes: bytes.length,
    partsDone: 2,
  });
});

test("phases come in their order, and each is told when it begins", async () => {
  await rig.upload({ onProgress, verify: "download" });

  const phases = told.map(({ phase }) => phase).filter((phase, at, all) => phase !== all[at - 1]);
  expect(phases.filter((phase) => phase !== "preparing")).toEqual([
    "moving",
    "finishing",
    "verifying",
  ]);
});

test("a download tells its phases, too", async () => {
  rig.service.add("disk", "completed", bytes);

  await rig.download("disk", { onProgress });

  expect(during("moving").length).toBeGreaterThan(0);
  expect(during("finishing").at(-1)).toMatchObject({ doneBytes: bytes.length });
});

test("what onProgress throws in any phase ends it, and is thrown by it", async () => {
  for (const phase of ["preparing", "moving", "finishing"]) {
    rig = new Rig(bytes);
    rig.service.faults.list.push(unavailable);
    const thrown = new Error(phase);
    const throwing = (progress: TransferProgress): void => {
      if (progress.phase === phase) throw thrown;
    };

    await expect(rig.upload({ onProgress: throwing })).rejects.toBe(thrown);

    expect([...rig.open]).toEqual([]);
    await rig.upload();
  }
});

test("while nothing gets through, it is the network that limits", async () => {
  const down = 40;
  for (let n = 0; n < down; n++) {
    rig.service.faults.put.push(async () => {
      await rig.clock.wait(3_000, new AbortController().signal);
      throw new TransportError("ECONNRESET", false);
    });
  }

  await rig.upload({ onProgress, lanes: 2 });

  expect(during("moving").some(({ limitedBy }) => limitedBy === "server")).toBe(false);
  expect(during("moving").some(({ limitedBy }) => limitedBy === "network")).toBe(true);
});
