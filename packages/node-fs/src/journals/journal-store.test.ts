import { mkdtemp, readdir, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { journalStoreContract } from "@img/transfer/contracts";
import { openJournal } from "../../../transfer/src/journal/journal.js";
import { asVersion1 } from "../../../transfer/src/testing/journal-version-1.js";
import { beginUpload } from "../../../transfer/src/testing/sample-journals.js";
import { FakeMachine } from "../../../files/src/crash-test/fake-machine.js";
import { FaultyFs } from "../../../files/src/crash-test/faulty-fs.js";
import { MemoryFs } from "../../../files/src/crash-test/memory-fs.js";
import { fileJournals, journalBeside } from "./journal-store.js";

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "img-journals-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("journals in files", () => {
  journalStoreContract({ test, open: () => fileJournals(join(folder, "a/b")), cannot: {} });
});

describe("a journal beside a part file", () => {
  const cannot = {
    "journals of any names, workspaces, servers and kinds are apart":
      "there is one, whatever its key",
    "the list has every journal, with its key, and who holds it": "there is one, whatever its key",
  };
  journalStoreContract({ test, open: () => journalBeside(join(folder, "a.img-part")), cannot });

  test("it stands beside the part file, and its lock too", async () => {
    const key = {
      kind: "download",
      server: "https://api.test",
      workspace: null,
      name: "debian",
    } as const;
    const store = journalBeside(join(folder, "a.img-part"));
    expect(await store.list()).toEqual([]);
    const file = await store.open(key, { force: false });
    await file.replace(new TextEncoder().encode("x\n"));
    expect((await readdir(folder)).sort()).toEqual(["a.img-part.journal", "a.img-part.lock"]);
    expect(await store.list()).toMatchObject([{ key: { kind: "download" } }]);
    await file.close();
    expect(await readdir(folder)).toEqual(["a.img-part.journal"]);
  });
});

const key = {
  kind: "upload",
  server: "https://api.test",
  workspace: null,
  name: "debian 12",
} as const;

async function nameOfJournal(): Promise<string> {
  const journal = await openJournal(fileJournals(folder), key, { force: false });
  await journal.begin({ ...beginUpload, server: key.server, name: key.name });
  await journal.close();
  return (await readdir(folder))[0]!;
}

test("a journal's name can be read, and is no path", async () => {
  expect(await nameOfJournal()).toMatch(/^upload-debian_12-[0-9a-f]{16}\.journal$/);
});

test("without a workspace its name is the one that version 1 gave it, whose journals are found", async () => {
  expect(await nameOfJournal()).toBe("upload-debian_12-3aec12946aa6dbfe.journal");
});

test("a journal of version 1 is listed as one without a workspace", async () => {
  const name = await nameOfJournal();
  await writeFile(join(folder, name), asVersion1(await readFile(join(folder, name))));
  expect((await fileJournals(folder).list())[0]?.key).toEqual(key);
  const journal = await openJournal(fileJournals(folder), key, { force: false });
  expect(journal.state).toMatchObject({ at: "begun", format: "raw" });
  await journal.close();
});

test.each([
  ["garbage", "debian_12"],
  [
    '1234 {"type":"begin","kind":"upload","server":"https://api.test","name":"debian 12"}',
    "debian 12",
  ],
  [
    '1234 {"type":"begin","kind":"other","server":"https://api.test","name":"debian 12"}',
    "debian_12",
  ],
  [
    '1234 {"type":"begin","kind":"upload","server":"https://api.test","workspace":7,"name":"debian 12"}',
    "debian 12",
  ],
  ['1234 {"type":"begin","kind":"upload","server":1,"name":"debian 12"}', "debian_12"],
  ['1234 {"type":"begin"', "debian_12"],
  ['1234 {"type":"begin",}', "debian_12"],
])("a damaged journal is listed under the best name that it has: %s", async (contents, name) => {
  await writeFile(join(folder, await nameOfJournal()), contents);
  const [stored] = await fileJournals(folder).list();
  expect(stored).toMatchObject({ key: { kind: "upload", workspace: null, name }, holder: null });
});

test("other files in the folder are no journals, and one that vanishes is left out", async () => {
  await writeFile(join(folder, "notes.txt"), "");
  await writeFile(join(folder, "download-x.journal"), "");
  const name = await nameOfJournal();
  expect(await fileJournals(folder).list()).toHaveLength(2);
  const listing = fileJournals(folder).list();
  await unlink(join(folder, name));
  expect((await listing).length).toBeLessThanOrEqual(2);
});

test("what a dead process did not come to rename is swept by the next", async () => {
  const name = await nameOfJournal();
  await writeFile(join(folder, `${name}.0123456789abcdef.new`), "half a");
  await nameOfJournal();
  expect(await readdir(folder)).toEqual([name]);
});

// fault D09
test.each([
  ["EACCES", "Give the folder to this user"],
  ["EROFS", "Mount it for writing"],
  ["ENOSPC", "Make room"],
  ["EDQUOT", "quota is used up"],
  ["EMFILE", "ulimit -n"],
  ["EIO", "cannot be kept: EIO"],
])("%s says what to do", async (code, advice) => {
  const fs = new FaultyFs(new MemoryFs(), { at: 0, mode: "throw-on", code });
  const opened = fileJournals("/state", fs, new FakeMachine().start()).open(key, { force: false });
  await expect(opened).rejects.toMatchObject({
    code: "JOURNAL_IO",
    message: expect.stringContaining(advice) as string,
    cause: { code },
  });
});

// fault D06
test.each(["rename", "syncDir"] as const)(
  "a %s that fails: a JournalIoError, and the next run resumes from what was acknowledged",
  async (operation) => {
    const disk = new MemoryFs();
    const processes = new FakeMachine().start();
    const store = fileJournals("/state", disk, processes);
    const first = await store.open(key, { force: false });
    await first.replace(new TextEncoder().encode("one\n"));
    await first.close();
    const file = await store.open(key, { force: false });
    const works = { [operation]: disk[operation].bind(disk) };
    const fails = () => Promise.reject(Object.assign(new Error("EIO"), { code: "EIO" }));
    Object.assign(disk, { [operation]: fails });
    const replacing = file.replace(new TextEncoder().encode("one\n"));
    await expect(replacing).rejects.toMatchObject({ code: "JOURNAL_IO", cause: { code: "EIO" } });
    await expect(file.append(new TextEncoder().encode("two\n"))).rejects.toThrow("bug: ");
    Object.assign(disk, works);
    await file.close();
    const next = await store.open(key, { force: false });
    expect(new TextDecoder().decode(await next.read())).toBe("one\n");
    await next.close();
  },
);

// fault D05
test("a failed sync is not tried again on the same file", async () => {
  const disk = new MemoryFs();
  const syncs: string[] = [];
  const open = disk.open.bind(disk);
  disk.open = async (path, how) => {
    const file = await open(path, how);
    const datasync = async () => {
      syncs.push(path);
      if (path.includes(".journal")) throw Object.assign(new Error("EIO"), { code: "EIO" });
    };
    return { ...file, datasync };
  };
  const file = await fileJournals("/state", disk, new FakeMachine().start()).open(key, {
    force: false,
  });
  await file.replace(new TextEncoder().encode("one\n"));
  syncs.length = 0;
  await expect(file.append(new TextEncoder().encode("two\n"))).rejects.toMatchObject({
    code: "JOURNAL_IO",
  });
  await expect(file.append(new TextEncoder().encode("three\n"))).rejects.toThrow("bug: ");
  expect(syncs).toHaveLength(1);
  await file.close();
});
