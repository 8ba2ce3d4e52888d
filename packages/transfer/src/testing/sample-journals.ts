import { MemoryJournals } from "../contracts/memory-journals.js";
import type { Journal } from "../journal/journal.js";
import { openJournal } from "../journal/journal.js";
import type { DownloadBegin, JournalRecord, UploadBegin } from "../journal/record.js";
import type { JournalKey } from "../ports.js";

const server = "https://api.test";
const partBytes = 10;

/** A small journal of an upload or a download, over several processes, as the real code writes it. */
export async function sampleJournal(seed: number): Promise<Uint8Array> {
  const store = new MemoryJournals();
  const kind = seed % 3 === 2 ? "download" : "upload";
  const key: JournalKey = { kind, server, name: `image-${seed}` };
  for (const groups of processesOf(seed, kind)) {
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

function processesOf(seed: number, kind: "upload" | "download"): Process[] {
  const partCount = 1 + (seed % 3);
  const sizeBytes = partCount * partBytes - (seed % 10);
  const receipts = Array.from({ length: partCount }, (_, index) => receipt(index + 1, kind));
  const together = 1 + ((seed >> 1) % 3);
  const groups = Array.from({ length: Math.ceil(partCount / together) }, (_, index) =>
    receipts.slice(index * together, (index + 1) * together),
  );
  const stopped: JournalRecord = { type: "stopped", code: "NO_PROGRESS", atSec: 60 + seed };
  if (kind === "download") {
    return [[[{ ...beginDownload, sizeBytes, name: `image-${seed}` }], ...groups, [stopped]]];
  }
  const started: JournalRecord = { type: "started", imageId: "image_1", adopted: seed % 2 === 0 };
  const first: Process = [
    [{ ...beginUpload, sizeBytes, name: `image-${seed}` }],
    [intent],
    [started],
  ];
  const source: JournalRecord = { type: "source", identity: { ino: `${seed}` }, from: "/ü.img" };
  const last: Process = [
    [{ type: "completing", sha256: "a1".repeat(32) }],
    [{ type: "completed" }],
  ];
  return [
    first,
    [[source], ...groups.slice(0, 1), [stopped]],
    [...groups.slice(1), ...last.slice(0, seed % 4)],
  ];
}

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
  name: "",
  sizeBytes: 1,
  partBytes,
  from: "/disk.img",
  identity: { ino: "1" },
  beganAtSec: 2,
};

export const beginDownload: DownloadBegin = {
  type: "begin",
  kind: "download",
  server,
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
