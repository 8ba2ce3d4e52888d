import { MemoryJournals } from "../contracts/memory-journals.js";
import type { Journal } from "../journal/journal.js";
import { openJournal } from "../journal/journal.js";
import type { DownloadBegin, JournalRecord, UploadBegin } from "../journal/record.js";
import type { JournalKey } from "../ports.js";
import { asVersion1 } from "./journal-version-1.js";

const server = "https://api.test";
const partBytes = 10;

export const sampleKey = (seed: number): JournalKey => ({
  kind: seed % 3 === 2 ? "download" : "upload",
  server,
  workspace: seed % 4 === 3 ? "wksp_1" : null,
  name: `image-${seed}`,
});

/** A small journal of an upload or a download, over several processes, as the real code writes it. */
export async function sampleJournal(seed: number): Promise<Uint8Array> {
  const key = sampleKey(seed);
  return written(key, processesOf(seed, key, true));
}

/** The same kinds of journals as version 1 wrote them. */
export async function oldSampleJournal(seed: number): Promise<Uint8Array> {
  const key = { ...sampleKey(seed), workspace: null };
  return asVersion1(await written(key, processesOf(seed, key, false)));
}

async function written(key: JournalKey, processes: readonly Process[]): Promise<Uint8Array> {
  const store = new MemoryJournals();
  for (const groups of processes) {
    const journal = await openJournal(store, key, { force: false });
    for (const group of groups) await write(journal, group);
    await journal.close();
  }
  const [stored] = await store.list();
  return stored!.contents;
}

async function write(journal: Journal, group: readonly JournalRecord[]): Promise<void> {
  const [first] = group;
  if (first?.type === "begin") await journal.begin(first);
  else await Promise.all(group.map((record) => journal.append(record)));
}

type Process = readonly (readonly JournalRecord[])[];

/** @param isNewer Whether with what version 1 could not say. */
function processesOf(seed: number, key: JournalKey, isNewer: boolean): Process[] {
  const { kind, workspace, name } = key;
  const partCount = 1 + (seed % 3);
  const sizeBytes = partCount * partBytes - (seed % 10);
  const receipts = Array.from({ length: partCount }, (_, index) => receipt(index + 1, kind));
  const together = 1 + ((seed >> 1) % 3);
  const groups = Array.from({ length: Math.ceil(partCount / together) }, (_, index) =>
    receipts.slice(index * together, (index + 1) * together),
  );
  const stopped: JournalRecord = { type: "stopped", code: "NO_PROGRESS", atSec: 60 + seed };
  if (kind === "download") {
    const moved: JournalRecord[] = isNewer ? [{ type: "sink", identity: "3:4", to: "/ü" }] : [];
    return [[[{ ...beginDownload, workspace, name, sizeBytes }], ...groups, moved, [stopped]]];
  }
  const isUnsized = isNewer && seed % 2 === 1;
  const size: JournalRecord[] = isUnsized ? [{ type: "size", sizeBytes }] : [];
  const begin = { ...beginUpload, workspace, name, sizeBytes: isUnsized ? null : sizeBytes };
  const started: JournalRecord = { type: "started", imageId: "image_1", adopted: seed % 2 === 0 };
  return [
    [[begin], [intent], [started]],
    [[{ ...source, identity: { ino: `${seed}` } }], ...groups.slice(0, 1), [stopped]],
    [...groups.slice(1), size, ...last.slice(0, seed % 4)],
  ];
}

const source: JournalRecord & { type: "source" } = {
  type: "source",
  identity: {},
  from: "/ü.img",
  format: "raw",
};

const last: Process = [
  [{ type: "completing", sha256: "a1".repeat(32) }],
  [{ type: "completed", atSec: 90 }],
];

const receipt = (part: number, kind: "upload" | "download"): JournalRecord => ({
  type: "receipt",
  part,
  crc32: (part * 2_654_435_761) % 2 ** 32,
  etag: kind === "upload" ? `"${part}"` : null,
});

const intent: JournalRecord = { type: "intent", sinceSec: 3, timeoutMs: 60_000 };

export const beginUpload: UploadBegin = {
  type: "begin",
  kind: "upload",
  server,
  workspace: null,
  name: "",
  sizeBytes: 1,
  partBytes,
  format: "raw",
  from: "/disk.img",
  identity: { ino: "1" },
  beganAtSec: 2,
};

export const beginDownload: DownloadBegin = {
  type: "begin",
  kind: "download",
  server,
  workspace: null,
  imageId: "image_1",
  name: "",
  sizeBytes: 1,
  partBytes,
  sha256: "b2".repeat(32),
  etag: '"e"',
  sinkIdentity: "1:2",
  to: "/disk.img",
  beganAtSec: 2,
};
