import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { link, mkdir, open, readdir, rename, rmdir, stat, statfs, unlink } from "node:fs/promises";
import type { FileSystem, OpenFile } from "./file-system.js";

/** The real disk. */
export const nodeFileSystem: FileSystem = {
  open: async (path, how, mode = 0o666) => openFile(await open(path, flags[how], mode)),
  rename,
  link,
  unlink,
  mkdir: (path, mode) => mkdir(path, mode),
  rmdir: (path) => rmdir(path),
  readdir: (path) => readdir(path),
  async stat(path) {
    const { size, mtimeNs } = await stat(path, { bigint: true });
    return { size, mtimeNs };
  },
  syncDir,
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};

const flags = {
  read: constants.O_RDONLY,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
};

function openFile(handle: FileHandle): OpenFile {
  return {
    read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
    write: async (bytes, position) =>
      (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
    datasync: () => handle.datasync(),
    close: () => handle.close(),
  };
}

async function syncDir(path: string): Promise<void> {
  // Windows can't open a folder, and makes renames durable by itself.
  if (process.platform === "win32") return;
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
