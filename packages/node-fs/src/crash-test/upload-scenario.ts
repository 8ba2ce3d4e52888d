import type { Transfer } from "@img/transfer";
import { openJournal, readJournal } from "../../../transfer/src/journal/journal.js";
import { FakeService, server } from "../../../transfer/src/testing/fake-service.js";
import { ManualClock } from "../../../transfer/src/testing/manual-clock.js";
import { MemorySource, seededBytes } from "../../../transfer/src/testing/memory-ports.js";
import { upload } from "../../../transfer/src/upload.js";
import { hasCode } from "@img/files";
import { fileJournals } from "../journals/journal-store.js";
import { partCount } from "./density.js";
import { copyOfService, EngineRun, serviceToText } from "./engine-run.js";
import type { Scenario, World } from "../../../files/src/crash-test/scenario.js";
import { Violation } from "../../../files/src/crash-test/scenario.js";

const key = { kind: "upload", server, workspace: null, name: "disk" } as const;
const partBytes = 1_000;
const image = seededBytes((partCount - 0.5) * partBytes);

/**
 * The whole recipe of an upload, its journal on the disk that fails. `new`: from nothing, in one part.
 * `resumed`: a process before has begun it, with parts smaller than the engine would choose.
 */
export function uploadScenario(from: "new" | "resumed"): Scenario<FakeService> {
  return {
    begin: () => new FakeService(new ManualClock()),
    copy: copyOfService,
    toText: serviceToText,
    run: async (world, service) => {
      if (from === "resumed") await beginBefore(world);
      await runUpload(world, service);
    },
    recover,
    isExpected: (error) => hasCode(error, "JOURNAL_IO"),
  };
}

const storeIn = ({ fs, process }: World) => fileJournals("/state", fs, process);

async function beginBefore(world: World): Promise<void> {
  const journal = await openJournal(storeIn(world), key, { force: false });
  try {
    await journal.begin({
      type: "begin",
      kind: "upload",
      server,
      workspace: null,
      name: key.name,
      sizeBytes: image.length,
      partBytes,
      format: "raw",
      from: "disk.img",
      identity: new MemorySource(image).identity,
      beganAtSec: 1,
    });
  } finally {
    await journal.close();
  }
}

async function runUpload(world: World, service: FakeService): Promise<void> {
  const run = new EngineRun(service, world);
  const source = new MemorySource(image);
  const read = async (into: Uint8Array, offset: number) =>
    into.set(image.subarray(offset, offset + into.length));
  const platform = run.platform(storeIn(world), read);
  const task = { client: run.client, server, name: key.name, source, platform };
  // After the last crash there may be no journal any more, but the image.
  await run.until(upload(task, { ifNameTaken: "verify" }));
}

async function recover(world: World, service: FakeService): Promise<void> {
  const before = await stateOnDisk(world);
  const arrivedBefore = service.arrived.length;
  await runUpload(world, service);
  checkImage(service);
  checkNothingSentTwice(before, service.arrived.slice(arrivedBefore));
  const left = world.sound ? await world.fs.readdir("/state") : [];
  if (left.length > 0) throw new Violation(`left behind: ${left.join(", ")}`);
}

async function stateOnDisk(world: World): Promise<Transfer> {
  const [stored] = await storeIn(world).list();
  return stored === undefined ? { at: "nothing" } : readJournal(stored.contents);
}

function checkImage({ images }: FakeService): void {
  const [stored, ...more] = images.values();
  if (stored === undefined || more.length > 0) throw new Violation(`${images.size} images`);
  if (stored.wire.upload_status !== "completed") throw new Violation("the image is not complete");
  if (Buffer.compare(stored.bytes, image) !== 0) throw new Violation("the image has other bytes");
}

function checkNothingSentTwice(before: Transfer, arrived: readonly number[]): void {
  const receipts = "receipts" in before ? before.receipts : new Map<number, unknown>();
  const again = arrived.filter((part) => receipts.has(part));
  if (again.length > 0)
    throw new Violation(`parts ${again.join(", ")} had receipts, and were sent`);
}
