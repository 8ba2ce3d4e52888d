import { link, mkdir, open, readdir, rename, rm, rmdir, stat, statfs } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { FileSystem, OpenFile } from "./file-system.js";

/** The real disk. */
export const nodeFileSystem: FileSystem = {
  async open(path, how) {
    return openFile(await open(path, how === "read" ? "r" : "wx", 0o600));
  },
  rename: (from, to) => rename(from, to),
  link: (from, to) => link(from, to),
  unlink: (path) => rm(path, { force: true }),
  async mkdir(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  rmdir: (path) => rmdir(path),
  readdir: (path) => readdir(path),
  async stat(path) {
    const { size, mtimeMs } = await stat(path);
    return { bytes: size, modifiedMs: mtimeMs };
  },
  syncFolder,
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};

function openFile(handle: FileHandle): OpenFile {
  return {
    async read(into, offset) {
      return (await handle.read(into, 0, into.length, offset)).bytesRead;
    },
    append: (slices) => appendAll(handle, slices),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}

/** A write may take less than it was given, on a disk that is filling up or beyond 2 GiB. */
async function appendAll(handle: FileHandle, slices: readonly Uint8Array[]): Promise<void> {
  let left = [...slices];
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left);
    left = without(left, bytesWritten);
  }
}

function without(slices: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skipped = 0;
  return slices.flatMap((slice) => {
    const from = Math.min(slice.length, bytes - skipped);
    skipped += from;
    return from < slice.length ? [slice.subarray(from)] : [];
  });
}

async function syncFolder(path: string): Promise<void> {
  // Windows can't open a folder, and makes renames durable by itself.
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
