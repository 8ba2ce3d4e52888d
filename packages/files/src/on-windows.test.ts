import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { errno } from "./crash-test/memory-fs.js";
import { fileSystemOn, realFileSystem } from "./disk.js";
import { writeAtomically } from "./atomic-file.js";
import type { FileSystem } from "./file-system.js";
import { readWhole } from "./regular-file.js";
import { fileSystemContract } from "./testing/file-system-contract.js";

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "img-windows-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

type Opening = "read" | "update" | "create";

/** Simulates Windows on a disk that refuses each of these calls this many times. Records the waits. */
function windows(refusals: number, code: string) {
  const waitsMs: number[] = [];
  const refused = vi.fn();
  const refusing = <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) => {
    let left = refusals;
    return async (...args: Args) => {
      if (left-- <= 0) return call(...args);
      refused();
      throw errno(code);
    };
  };
  const busy: FileSystem = {
    ...realFileSystem,
    open: refusing((path: string, how: Opening, mode?: number) =>
      realFileSystem.open(path, how, mode),
    ),
    rename: refusing((from: string, to: string) => realFileSystem.rename(from, to)),
    unlink: refusing((path: string) => realFileSystem.unlink(path)),
  };
  const fs = fileSystemOn("win32", busy, async (ms) => void waitsMs.push(ms));
  return { fs, waitsMs, refused };
}

describe("the disk, as Windows has it", () => {
  fileSystemContract(() => ({ fs: fileSystemOn("win32"), root: folder }));
});

// fault D52
test.each(["EPERM", "EACCES", "EBUSY"])(
  "on Windows a file that a virus scanner has open (%s) is replaced, deleted and opened once it lets go",
  async (code) => {
    const { fs, waitsMs } = windows(3, code);
    const path = join(folder, "a");
    await writeAtomically(fs, path, "old");
    await writeAtomically(fs, path, "new");
    expect(await readWhole(fs, path)).toEqual(new TextEncoder().encode("new"));
    await fs.unlink(path);
    expect(waitsMs).toEqual([10, 20, 40, 10, 20, 40, 10, 20, 40]); // open, rename, unlink
  },
);

// fault D52
test("on Windows a file that stays open elsewhere is an error after 5 seconds", async () => {
  const { fs, waitsMs, refused } = windows(Infinity, "EPERM");
  await expect(fs.rename(join(folder, "a"), join(folder, "b"))).rejects.toMatchObject({
    code: "EPERM",
  });
  expect(waitsMs.reduce((sum, ms) => sum + ms)).toBe(5_130);
  expect(refused).toHaveBeenCalledTimes(waitsMs.length + 1);
});

test.each(["ENOENT", "ENOSPC", "EIO", "EEXIST"])(
  "on Windows %s is told at once: waiting would not help",
  async (code) => {
    const { fs, waitsMs } = windows(1, code);
    await expect(fs.unlink(join(folder, "a"))).rejects.toMatchObject({ code });
    expect(waitsMs).toEqual([]);
  },
);

test("elsewhere EPERM is an error at once", async () => {
  const disk = { ...realFileSystem, rename: () => Promise.reject(errno("EPERM")) };
  const wait = vi.fn(async () => undefined);
  const fs = fileSystemOn("linux", disk, wait);
  await expect(fs.rename("a", "b")).rejects.toMatchObject({ code: "EPERM" });
  expect(wait).not.toHaveBeenCalled();
});

test.skipIf(process.platform === "win32").each(["read", "update"] as const)(
  "on Windows, where no flag says so, opening for %s follows no symbolic link",
  async (how) => {
    await writeFile(join(folder, "a"), "1");
    await symlink(join(folder, "a"), join(folder, "b"));
    const following: FileSystem = { ...realFileSystem, open: () => Promise.reject(new Error()) };
    const fs = fileSystemOn("win32", following);
    await expect(fs.open(join(folder, "b"), how)).rejects.toMatchObject({ code: "ELOOP" });
  },
);

test("on Windows a folder is not synced", async () => {
  const disk = { ...realFileSystem, syncDir: () => Promise.reject(errno("EPERM")) };
  await fileSystemOn("win32", disk).syncDir(folder);
});
