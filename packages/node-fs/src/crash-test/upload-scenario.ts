import type { Identity, Transfer } from "@img/transfer";
import { openJournal } from "../../../transfer/src/journal/journal.js";
import { readJournal } from "../../../transfer/src/journal/read-journal.js";
import type { JournalRecord, UploadBegin } from "../../../transfer/src/journal/record.js";
import { FakeService, server } from "../../../transfer/src/testing/fake-service.js";
import { ManualClock } from "../../../transfer/src/testing/manual-clock.js";
import {
  MemorySequence,
  MemorySource,
  seededBytes,
} from "../../../transfer/src/testing/memory-ports.js";
import { upload } from "../../../transfer/src/upload.js";
import { hasCode } from "@img/files";
import { fileJournals } from "../journals/journal-store.js";
import { partCount } from "./density.js";
import { copyOfService, EngineRun, serviceToText } from "./engine-run.js";
import type { Scenario, World } from "../../../files/src/crash-test/scenario.js";
import { Violation } from "../../../files/src/crash-test/scenario.js";

const key = { kind: "upload", server, workspace: null, name: "disk" } as const;
const olderName = "older";
const partBytes = 1_000;
/** Of what no journal pins: buffers of the engine's own choice are three times as large. */
const leastPartBytes = 5 * 1024 * 1024;
const image = seededBytes((partCount - 0.5) * partBytes);

/** What the service has, and whether a run has returned the image as complete. */
interface UploadHistory {
  readonly service: FakeService;
  isComplete: boolean;
}

/**
 * The whole recipe of an upload, its journal on the disk that fails. `new`: from nothing, in one part.
 * `resumed`: a process before has begun it, with parts smaller than the engine would choose. `sequential`: the same, of a
 * source that is read from its start and whose size is not known. `again`: after the upload was completed, the same call
 * is made for the touched file, beside a proof that is too old.
 */
export function uploadScenario(
  from: "new" | "resumed" | "sequential" | "again",
): Scenario<UploadHistory> {
  const sourceOf = (): MemorySource | MemorySequence =>
    from === "sequential" ? new MemorySequence(image) : new MemorySource(image);
  return {
    begin: () => ({ service: new FakeService(new ManualClock()), isComplete: false }),
    copy: ({ service, isComplete }) => ({ service: copyOfService(service), isComplete }),
    toText: ({ service, isComplete }) => `${isComplete} ${serviceToText(service)}`,
    run: async (world, history) => {
      if (from === "resumed") await beginBefore(world, key.name);
      if (from === "sequential") await beginBefore(world, key.name, unknownSize);
      if (from === "again") await completeLongBefore(world);
      await runUpload(world, history, sourceOf());
      if (from === "again") await runUpload(world, history, sourceOf(), { mtime: "2" });
    },
    recover: (world, history) => recover(world, history, sourceOf()),
    isExpected: (error) => hasCode(error, "JOURNAL_IO"),
  };
}

const storeIn = ({ fs, process }: World) => fileJournals("/state", fs, process);

async function completeLongBefore(world: World): Promise<void> {
  const inOnePart = { sizeBytes: image.length, partBytes: image.length, format: "raw" };
  await beginBefore(world, olderName, inOnePart, [
    { type: "intent", sinceSec: 1, timeoutMs: 1 },
    { type: "started", imageId: "image_1", adopted: false },
    { type: "receipt", part: 1, crc32: 1, etag: "1" },
    { type: "completing", sha256: "0".repeat(64) },
    { type: "completed", atSec: 2 },
  ]);
}

const known = { sizeBytes: image.length, partBytes, format: "raw" };
const unknownSize = { sizeBytes: null, partBytes, format: "xz" };

async function beginBefore(
  world: World,
  name: string,
  pinned: Pick<UploadBegin, "sizeBytes" | "partBytes" | "format"> = known,
  records: readonly JournalRecord[] = [],
): Promise<void> {
  const journal = await openJournal(storeIn(world), { ...key, name }, { force: false });
  try {
    await journal.begin({
      type: "begin",
      kind: "upload",
      server,
      workspace: null,
      name,
      ...pinned,
      from: "disk.img",
      identity: new MemorySource(image).identity,
      beganAtSec: 1,
    });
    if (records.length > 0) await journal.append(...records);
  } finally {
    await journal.close();
  }
}

async function runUpload(
  world: World,
  history: UploadHistory,
  source: MemorySource | MemorySequence,
  identity?: Identity,
): Promise<void> {
  const run = new EngineRun(history.service, world);
  source.identity = identity ?? source.identity;
  const read = async (into: Uint8Array, offset: number) =>
    into.set(image.subarray(offset, offset + into.length));
  const platform = run.platform(storeIn(world), read);
  const task = { client: run.client, server, name: key.name, source, platform };
  const uploaded = upload(task, { partBytes: leastPartBytes }).then(
    () => void (history.isComplete = true),
  );
  await run.until(uploaded);
}

async function recover(
  world: World,
  history: UploadHistory,
  source: MemorySource | MemorySequence,
): Promise<void> {
  const { service } = history;
  const before = await stateOnDisk(world);
  if (history.isComplete && before.at !== "completed") throw new Violation("the proof is lost");
  const arrivedBefore = service.arrived.length;
  await runUpload(world, history, source);
  checkImage(service);
  checkNothingSentTwice(before, service.arrived.slice(arrivedBefore));
  if (world.sound) await checkLeft(world);
}

/** The proof of this upload and nothing else of it; and no proof that is too old. */
async function checkLeft(world: World): Promise<void> {
  const names = await world.fs.readdir("/state");
  const left = names.filter((name) => name.startsWith("upload-disk-"));
  const state = await stateOnDisk(world);
  if (left.length !== 1 || state.at !== "completed") {
    throw new Violation(`left behind, at ${state.at}: ${left.join(", ")}`);
  }
  const older = await stateOnDisk(world, olderName);
  if (older.at === "completed") throw new Violation("a proof that is too old was not deleted");
}

async function stateOnDisk(world: World, name: string = key.name): Promise<Transfer> {
  const all = await storeIn(world).list();
  const stored = all.find((one) => one.key.name === name);
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
  const again = arrived.filter((part) => before.at === "completed" || receipts.has(part));
  if (again.length > 0)
    throw new Violation(`parts ${again.join(", ")} had receipts, and were sent`);
}
