import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DiskImage } from "./crash-test/disk-image.js";
import { FaultyFs } from "./crash-test/faulty-fs.js";
import { MemoryFs } from "./crash-test/memory-fs.js";
import { PowerLossFs } from "./crash-test/power-loss-fs.js";
import { Random } from "./crash-test/random.js";
import { SlowFs } from "./crash-test/slow-fs.js";
import type { OpenFile } from "./file-system.js";
import { mostBytesAtOnce, realFileSystem as fs, syncIfAble } from "./disk.js";
import { hasCode, isLinkRefused, readFully, writeFully } from "./file-system.js";
import { fileSystemContract } from "./testing/file-system-contract.js";

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "img-fs-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const path = (name: string) => join(folder, name);

describe("the disk", () => {
  fileSystemContract(() => ({ fs, root: folder }));
});

describe("a file system in memory", () => {
  fileSystemContract(() => ({ fs: new MemoryFs(), root: "" }));
});

describe("the file system of power losses, before one", () => {
  fileSystemContract(() => ({ fs: new PowerLossFs(new DiskImage(), () => null), root: "" }));
});

describe("the file system that fails, before it fails", () => {
  const none = { at: Infinity, mode: "throw-once" } as const;
  fileSystemContract(() => ({ fs: new FaultyFs(new MemoryFs(), none), root: "" }));
});

describe("the file system that mixes several processes", () => {
  fileSystemContract(() => ({ fs: new SlowFs(new MemoryFs(), new Random(1)), root: "" }));
});

test("a device is neither a file nor a folder", async () => {
  expect((await fs.stat("/dev/null")).type).toBe("other");
});

// fault D44
test.skipIf(process.platform === "win32")(
  "what is too long for one write of the system is written in several",
  async () => {
    const file = await fs.open("/dev/null", "update");
    const written = await file.write(new Uint8Array(2 ** 31), 0);
    expect(written).toBe(mostBytesAtOnce);
    await file.close();
  },
);

// fault D44
test.skipIf(process.platform === "win32")(
  "what is too long for one read of the system is read in several",
  async () => {
    const file = await fs.open("/dev/null", "update");
    expect(await file.read(new Uint8Array(2 ** 31), 0)).toBe(0);
    await file.close();
  },
);

test.skipIf(process.platform === "win32")("updating follows no symbolic link", async () => {
  await writeFile(path("a"), "1");
  await symlink(path("a"), path("b"));
  await expect(fs.open(path("b"), "update")).rejects.toMatchObject({ code: "ELOOP" });
  expect((await fs.lstat(path("b"))).type).toBe("symlink");
  expect((await fs.stat(path("b"))).type).toBe("file");
});

// fault D04
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

test("errors are distinguished by their codes", () => {
  expect(hasCode(Object.assign(new Error(), { code: "ENOENT" }), "EEXIST", "ENOENT")).toBe(true);
  expect(hasCode(Object.assign(new Error(), { code: "EIO" }), "ENOENT")).toBe(false);
  expect(hasCode(new Error(), "ENOENT")).toBe(false);
  expect(hasCode("ENOENT", "ENOENT")).toBe(false);
});

// fault D08
test.each(["EEXIST", "ENOSPC", "EDQUOT", "EIO", "ENOENT", "EROFS", "ESTALE"])(
  "a hard link that fails with %s is no refusal of all links",
  (code) => {
    expect(isLinkRefused(Object.assign(new Error(), { code }))).toBe(false);
  },
);

// fault D07
test.runIf(process.platform === "linux")(
  "a folder that cannot be synced, as those of SMB and FUSE, is used without",
  async () => {
    await fs.syncDir("/proc/self"); // EINVAL
  },
);

// fault D07
test.each([
  ["EINVAL", true],
  ["ENOTSUP", true],
  ["ENOSYS", true],
  ["EIO", false],
  ["ENOSPC", false],
])("whether a folder whose sync answers %s is used: %s", async (code, isUsed) => {
  const sync = () => Promise.reject(Object.assign(new Error(code), { code }));
  const synced = syncIfAble({ sync });
  await (isUsed ? expect(synced).resolves.toBeUndefined() : expect(synced).rejects.toThrow(code));
});
