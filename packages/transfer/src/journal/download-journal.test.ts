import { expect, test } from "vitest";
import { MemoryJournals } from "../contracts/memory-journals.js";
import type { JournalKey } from "../ports.js";
import { openJournal } from "./journal.js";
import type { DownloadBegin } from "./record.js";

test("a download's journal is found by whatever name its part file has", async () => {
  const beginDownload: DownloadBegin = {
    type: "begin",
    kind: "download",
    server: "https://api.test",
    workspace: null,
    imageId: "image_1",
    name: "debian",
    sizeBytes: 25,
    partBytes: 10,
    sha256: null,
    etag: '"e"',
    sinkIdentity: "1:2",
    to: "/disk.img",
    beganAtSec: 0,
  };
  const of: JournalKey = { kind: "download", server: "", workspace: null, name: "/disk.img" };
  const store = new MemoryJournals();
  const journal = await openJournal(store, of, { force: false });
  await journal.begin(beginDownload);
  await journal.append({ type: "receipt", part: 1, crc32: 7, etag: null });
  await journal.close();
  const { state } = await openJournal(store, of, { force: false });
  expect(state).toMatchObject({ at: "downloading", receipts: new Map([[1, {}]]) });
});
