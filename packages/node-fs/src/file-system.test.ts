import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { OpenFile } from "./file-system.js";
import {
  ensureFolder,
  hasCode,
  readFully,
  readWhole,
  realFileSystem as fs,
  writeFully,
} from "./file-system.js";

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "img-fs-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const path = (name: string) => join(folder, name);

async function create(name: string, contents: string): Promise<void> {
  const file = await fs.open(path(name), "create", 0o600);
  await writeFully(file, bytes(contents), 0);
  await file.close();
}

test("what is written at a place is read there, and the gap before it is zeros", async () => {
  const file = await fs.open(path("a"), "create");
  await file.write(bytes("xyz"), 3);
  const into = new Uint8Array(8);
  expect(await readFully(file, into, 0)).toBe(6);
  expect(into).toEqual(new Uint8Array([0, 0, 0, 120, 121, 122, 0, 0]));
  await file.sync();
  await file.datasync();
  await file.truncate(1);
  expect(await file.stat()).toMatchObject({ type: "file", size: 1n, nlink: 1n });
  await file.close();
});

test("creating refuses what exists, updating and reading what does not", async () => {
  await create("a", "1");
  await expect(fs.open(path("a"), "create")).rejects.toMatchObject({ code: "EEXIST" });
  await expect(fs.open(path("b"), "update")).rejects.toMatchObject({ code: "ENOENT" });
  await expect(fs.open(path("b"), "read")).rejects.toMatchObject({ code: "ENOENT" });
});

test.skipIf(process.platform === "win32")("updating follows no symbolic link", async () => {
  await create("a", "1");
  await symlink(path("a"), path("b"));
  await expect(fs.open(path("b"), "update")).rejects.toMatchObject({ code: "ELOOP" });
  expect((await fs.lstat(path("b"))).type).toBe("symlink");
  expect((await fs.stat(path("b"))).type).toBe("file");
});

test("a rename replaces, a link does not", async () => {
  await create("a", "1");
  await create("b", "2");
  await expect(fs.link(path("a"), path("b"))).rejects.toMatchObject({ code: "EEXIST" });
  await fs.rename(path("a"), path("b"));
  expect(await readWhole(fs, path("b"))).toEqual(bytes("1"));
  await fs.link(path("b"), path("c"));
  await fs.unlink(path("b"));
  expect(await fs.readdir(folder)).toEqual(["c"]);
});

test("an open file that was replaced has no name any more", async () => {
  await create("a", "1");
  await create("b", "2");
  const file = await fs.open(path("b"), "update");
  await fs.rename(path("a"), path("b"));
  expect((await file.stat()).nlink).toBe(0n);
  await file.close();
});

test("a folder is made with those above it, and again without an error", async () => {
  await ensureFolder(fs, path("x/y/z"), 0o700);
  await ensureFolder(fs, path("x/y/z"), 0o700);
  await fs.syncDir(path("x/y/z"));
  expect((await fs.stat(path("x"))).type).toBe("directory");
  expect((await fs.stat("/dev/null")).type).toBe("other");
});

test("a folder cannot be made where a file stands", async () => {
  await create("a", "1");
  await expect(ensureFolder(fs, path("a/b"), 0o700)).rejects.toMatchObject({ code: "ENOTDIR" });
});

test("the room that is left is told", async () => {
  expect(await fs.freeBytes(folder)).toBeGreaterThan(0);
});

test("a short write is followed by the rest, and a short read too", async () => {
  const stored = new Uint8Array(5);
  const slow = {
    write: async (from: Uint8Array, position: number) => {
      stored.set(from.subarray(0, 2), position);
      return Math.min(2, from.length);
    },
    read: async (into: Uint8Array, position: number) => {
      const some = stored.subarray(position, position + Math.min(2, into.length));
      into.set(some);
      return some.length;
    },
  } as Partial<OpenFile> as OpenFile;
  await writeFully(slow, bytes("hello"), 0);
  const into = new Uint8Array(5);
  expect(await readFully(slow, into, 0)).toBe(5);
  expect(into).toEqual(bytes("hello"));
});

test("an error's code is told apart", () => {
  expect(hasCode(Object.assign(new Error(), { code: "ENOENT" }), "EEXIST", "ENOENT")).toBe(true);
  expect(hasCode(Object.assign(new Error(), { code: "EIO" }), "ENOENT")).toBe(false);
  expect(hasCode(new Error(), "ENOENT")).toBe(false);
  expect(hasCode("ENOENT", "ENOENT")).toBe(false);
});
