import { expect, test } from "vitest";
import { realFileSystem } from "@img/files";
import { sharedFolderSyncs } from "./shared-folder-syncs.js";

/** Syncs that end when the test says so. */
function syncs() {
  const ends: ((error?: Error) => void)[] = [];
  const syncDir = (): Promise<void> =>
    new Promise((resolve, reject) => {
      ends.push((error) => (error === undefined ? resolve() : reject(error)));
    });
  return { ends, fs: sharedFolderSyncs({ ...realFileSystem, syncDir }) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("those who ask while a folder is synced share the next sync, which begins after their changes", async () => {
  const { ends, fs } = syncs();
  const first = fs.syncDir("/a");
  const [second, third] = [fs.syncDir("/a"), fs.syncDir("/a")];
  await turn();
  expect(ends).toHaveLength(1);

  ends[0]!();
  await first;
  await turn();
  expect(ends).toHaveLength(2);
  ends[1]!();
  await Promise.all([second, third]);

  void fs.syncDir("/a");
  expect(ends).toHaveLength(3);
});

test("folders are synced apart", () => {
  const { ends, fs } = syncs();

  void fs.syncDir("/a");
  void fs.syncDir("/b");

  expect(ends).toHaveLength(2);
});

test("a sync that fails is told to its own callers only", async () => {
  const { ends, fs } = syncs();
  const first = fs.syncDir("/a");
  const second = fs.syncDir("/a");
  ends[0]!(new Error("EIO"));

  await expect(first).rejects.toThrow("EIO");
  await turn();
  ends[1]!();

  await expect(second).resolves.toBeUndefined();
});
