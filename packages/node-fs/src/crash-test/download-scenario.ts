import { download } from "../../../transfer/src/download.js";
import { findImage } from "../../../transfer/src/service/find-image.js";
import { openJournal } from "../../../transfer/src/journal/journal.js";
import { FakeService, server, sha256Of } from "../../../transfer/src/testing/fake-service.js";
import { ManualClock } from "../../../transfer/src/testing/manual-clock.js";
import { seededBytes } from "../../../transfer/src/testing/memory-ports.js";
import { openFileSink, type FileSink } from "../files/file-sink.js";
import { partPathOf } from "../files/file-target.js";
import { hasCode, readFully, readWhole } from "@img/files";
import { journalBeside } from "../journals/journal-store.js";
import { partCount } from "./density.js";
import { copyOfService, EngineRun, serviceToText } from "./engine-run.js";
import type { Scenario, World } from "../../../files/src/crash-test/scenario.js";
import { Violation } from "../../../files/src/crash-test/scenario.js";

const target = "/disk.img";
const partBytes = 1_000;
/** With a run of zeros, which becomes a hole. */
const image = seededBytes((partCount - 0.5) * partBytes).fill(0, partBytes, 2 * partBytes);

/**
 * The whole recipe of a download, its part file and its journal on the disk that fails. A process
 * before has begun it, with parts smaller than the engine would choose.
 */
export function downloadScenario(): Scenario<FakeService> {
  return {
    begin: () => {
      const service = new FakeService(new ManualClock());
      service.add("disk", "completed", image);
      return service;
    },
    copy: copyOfService,
    toText: serviceToText,
    run: async (world, service) => {
      await withSink(world, async (sink) => {
        await beginBefore(world, sink);
        await runDownload(world, service, sink);
      });
    },
    recover,
    // The raw EIO is that of this scenario's own look at the target.
    isExpected: (error) => hasCode(error, "JOURNAL_IO", "DISK", "TARGET_UNUSABLE", "EIO"),
  };
}

const storeIn = ({ fs, process }: World) => journalBeside(partPathOf(target), fs, process);

async function withSink(world: World, work: (sink: FileSink) => Promise<void>): Promise<void> {
  const sink = await openFileSink(target, { overwrite: false, sparse: true }, world.fs);
  try {
    await work(sink);
  } finally {
    await sink.close().catch(() => undefined); // what matters was synced before
  }
}

async function beginBefore(world: World, sink: FileSink): Promise<void> {
  const key = { kind: "download", server, workspace: null, name: "disk" } as const;
  const journal = await openJournal(storeIn(world), key, { force: false });
  try {
    await sink.open();
    await sink.prepare({ sizeBytes: image.length, missingBytes: image.length }, false);
    await journal.begin({
      type: "begin",
      kind: "download",
      server,
      workspace: null,
      imageId: "image_1",
      name: "disk",
      sizeBytes: image.length,
      partBytes,
      sha256: sha256Of(image),
      etag: '"whole"',
      sinkIdentity: sink.identity,
      to: target,
      beganAtSec: 1,
    });
  } finally {
    await journal.close();
  }
}

async function runDownload(world: World, service: FakeService, sink: FileSink): Promise<void> {
  const run = new EngineRun(service, world);
  const read = async (into: Uint8Array, offset: number) => {
    const file = await world.fs.open(sink.partPath, "read");
    await readFully(file, into, offset);
    await file.close();
  };
  const at = { client: run.client, server, platform: run.platform(storeIn(world), read) };
  const whole = async () => {
    const found = await findImage(at, "disk", {});
    await download({ ...at, image: found, sink }, {});
  };
  await run.until(whole());
}

async function recover(world: World, service: FakeService): Promise<void> {
  await checkTarget(world, "before the recovery");
  try {
    await withSink(world, (sink) => runDownload(world, service, sink));
  } catch (error) {
    // It was in its place already.
    if (!hasCode(error, "TARGET_EXISTS")) throw error;
  }
  if (!(await checkTarget(world, "after the recovery"))) throw new Violation("there is no target");
}

/** At any time there is nothing at the target, or all of the image. */
async function checkTarget({ fs }: World, when: string): Promise<boolean> {
  try {
    const bytes = await readWhole(fs, target);
    if (Buffer.compare(bytes, image) !== 0) throw new Violation(`${when} the target is wrong`);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}
