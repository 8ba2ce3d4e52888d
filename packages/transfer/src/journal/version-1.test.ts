import { beforeEach, expect, test } from "vitest";
import { MemoryJournals } from "../contracts/memory-journals.js";
import type { JournalKey } from "../ports.js";
import { asVersion1 } from "../testing/journal-version-1.js";
import { beginUpload } from "../testing/sample-journals.js";
import { encodeJournal } from "./codec.js";
import { openJournal, type Journal } from "./journal.js";
import { readJournal } from "./read-journal.js";
import type { JournalRecord } from "./record.js";

const { server } = beginUpload;
const key: JournalKey = { kind: "upload", server, workspace: null, name: "debian" };
const id = "5f".repeat(16);
const records: JournalRecord[] = [
  { ...beginUpload, name: "debian", sizeBytes: 25 },
  { type: "intent", sinceSec: 1, timeoutMs: 1 },
  { type: "started", imageId: "image_1", adopted: false },
  { type: "receipt", part: 1, crc32: 1, etag: "e" },
  { type: "source", identity: { ino: "2" }, from: "/copy.img", format: "raw" },
  { type: "receipt", part: 2, crc32: 2, etag: "e" },
];
const old = asVersion1(encodeJournal(id, records));
const stopped: JournalRecord = { type: "stopped", code: "ABORTED", atSec: 7 };
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

let store: MemoryJournals;
beforeEach(() => {
  store = new MemoryJournals();
});

async function leave(contents: Uint8Array): Promise<void> {
  const file = await store.open(key, { force: false });
  await file.replace(contents);
  await file.close();
}

const open = (): Promise<Journal> => openJournal(store, key, { force: false });
const contents = async (): Promise<Uint8Array> => (await store.list())[0]!.contents;

test("a journal of version 1 says what it said, and that it was read as raw, to no workspace", () => {
  expect(textOf(old)).toMatch(/^img-journal 1 /);
  expect(textOf(old)).not.toMatch(/workspace|format/);
  const state = { at: "started", format: "raw", sizeBytes: 25, from: "/copy.img" };
  expect(readJournal(old)).toMatchObject({ ...state, begin: { workspace: null, format: "raw" } });
});

test("opening it makes it one of version 2, under an id of its own, before anything is appended", async () => {
  await leave(old);
  const journal = await open();
  expect(textOf(await contents())).toMatch(/^img-journal 2 [0-9a-f]{32} /);
  expect(textOf(await contents())).not.toContain(id);
  expect(readJournal(await contents())).toEqual(readJournal(old));
  expect(journal.state).toEqual(readJournal(old));
  await journal.append({ type: "receipt", part: 3, crc32: 3, etag: "e" }, stopped);
  expect(readJournal(await contents())).toEqual(journal.state);
  expect(journal.state).toMatchObject({
    receipts: new Map([
      [1, {}],
      [2, {}],
      [3, {}],
    ]),
  });
  await journal.close();
});

test("what was made of it tells damage from a torn tail: each line says that all before it is synced", async () => {
  await leave(old);
  await (await open()).close();
  const whole = await contents();
  const lastLine = textOf(whole).trimEnd().lastIndexOf("\n") + 1;
  for (let at = 0; at < lastLine; at++) {
    const damaged = whole.slice();
    damaged[at]! ^= 1;
    expect(() => readJournal(damaged)).toThrow("damaged");
  }
});

test("a torn tail of version 1 is cut, and damage before it leaves the journal as it is", async () => {
  await leave(old.subarray(0, old.length - 3));
  const journal = await open();
  expect(journal.state).toMatchObject({ receipts: new Map([[1, {}]]) });
  await journal.close();

  const damaged = old.slice();
  damaged[200]! ^= 1;
  await leave(damaged);
  await expect(open()).rejects.toMatchObject({ code: "JOURNAL_CORRUPT" });
  expect(await contents()).toEqual(damaged);
});

test("a list reads it and changes nothing", async () => {
  await leave(old);
  expect(readJournal(await contents())).toMatchObject({ at: "started" });
  expect(await contents()).toEqual(old);
});

test("an upload that begins in its place is one of version 2", async () => {
  await leave(old);
  const journal = await open();
  await journal.begin({ ...beginUpload, name: "debian", format: "qcow2" });
  expect(textOf(await contents())).toMatch(/^img-journal 2 /);
  expect(readJournal(await contents())).toMatchObject({ at: "begun", format: "qcow2" });
  await journal.close();
});

test("another workspace has another journal", async () => {
  await leave(old);
  const other = await openJournal(store, { ...key, workspace: "wksp_1" }, { force: false });
  expect(other.state).toEqual({ at: "nothing" });
  await other.close();
});
