import { expect, test } from "vitest";
import { beginDownload, beginUpload } from "../testing/sample-journals.js";
import { UnkeptJournal } from "./unkept-journal.js";

test("before an upload has begun, nothing is known", () => {
  expect(new UnkeptJournal().state).toEqual({ at: "nothing" });
});

test("an upload that has begun is at its beginning, whatever is appended", async () => {
  const journal = new UnkeptJournal();
  await journal.begin(beginUpload);
  await journal.append();
  const { sizeBytes, identity, from, format } = beginUpload;
  expect(journal.state).toEqual({
    at: "begun",
    begin: beginUpload,
    sizeBytes,
    identity,
    from,
    format,
    digest: null,
    stopped: null,
  });
});

test("a download is refused as a bug", async () => {
  const begun = new UnkeptJournal().begin(beginDownload);
  await expect(begun).rejects.toThrow("bug: a download has a journal");
});
