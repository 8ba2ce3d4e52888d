import { expect, test } from "vitest";
import { MemoryJournals } from "../contracts/memory-journals.js";
import { JournalCorruptError } from "../errors.js";
import type { JournalKey } from "../ports.js";
import { openJournal } from "./journal.js";
import { readJournal } from "./read-journal.js";
import type { UploadBegin } from "./record.js";

const key: JournalKey = {
  kind: "upload",
  server: "https://api.test",
  workspace: null,
  name: "debian",
};
const begin: UploadBegin = {
  type: "begin",
  kind: "upload",
  server: key.server,
  workspace: null,
  name: key.name,
  sizeBytes: 25,
  partBytes: 10,
  format: "raw",
  from: "/disk.img",
  identity: { ino: "1" },
  beganAtSec: 1_700_000_000,
};

/** Header and `begin` in one write, then three more of a record each. */
async function journalOfFourWrites(): Promise<Uint8Array> {
  const store = new MemoryJournals();
  const journal = await openJournal(store, key, { force: false });
  await journal.begin(begin);
  await journal.append({ type: "intent", sinceSec: 1_700_000_001, timeoutMs: 60_000 });
  await journal.append({ type: "started", imageId: "image_1", adopted: false });
  await journal.append({ type: "receipt", part: 1, crc32: 1, etag: "e" });
  await journal.close();
  return (await store.list())[0]!.contents;
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const damaged = bytes.slice();
  damaged[at]! ^= 1;
  return damaged;
}

test("damage in any write but the last is an error: the next one tells how far all was synced", async () => {
  const whole = await journalOfFourWrites();
  const lines = new TextDecoder().decode(whole).split("\n");
  const startOf = (line: number): number => lines.slice(0, line).join("\n").length + 1;

  for (const line of [1, 2, 3]) {
    expect(() => readJournal(flipped(whole, startOf(line)))).toThrow(JournalCorruptError);
  }
  expect(readJournal(flipped(whole, startOf(4)))).toMatchObject({
    at: "started",
    receipts: new Map(),
  });
});
