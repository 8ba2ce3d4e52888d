import type { BigIntStats } from "node:fs";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import {
  link,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rmdir,
  stat,
  statfs,
  unlink,
} from "node:fs/promises";
import { hasCode, type FileStat, type FileSystem, type OpenFile } from "./file-system.js";
import { onWindows } from "./on-windows.js";

const plainDisk: FileSystem = {
  open: async (path, how, mode = 0o666) => openFile(await open(path, flags[how], mode)),
  rename,
  link,
  unlink,
  mkdir: (path, mode) => mkdir(path, mode),
  rmdir: (path) => rmdir(path),
  readdir: (path) => readdir(path),
  stat: async (path) => fileStat(await stat(path, { bigint: true })),
  lstat: async (path) => fileStat(await lstat(path, { bigint: true })),
  syncDir,
  freeBytes: async (path) => {
    const { blocks, bavail, bsize } = await statfs(path);
    return blocks === 0 ? Infinity : bavail * bsize;
  },
};

// Windows has neither flag: `onWindows` checks for links itself, and Windows has no pipes with file names.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as {
  O_NOFOLLOW?: number;
  O_NONBLOCK?: number;
};
/**
 * The flags that open what is there, without following it: another user may have put a link or a pipe in place
 * of our file.
 */
const asItStands = O_NOFOLLOW | O_NONBLOCK;

const flags = {
  read: constants.O_RDONLY | asItStands,
  update: constants.O_RDWR | asItStands,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
};

/** Returns the disk of a platform. */
export const fileSystemOn = (
  platform: NodeJS.Platform,
  disk: FileSystem = plainDisk,
  wait?: (ms: number) => Promise<unknown>,
): FileSystem => (platform === "win32" ? onWindows(disk, wait) : disk);

/** The disk of this machine. */
export const realFileSystem: FileSystem = fileSystemOn(process.platform);

/** The maximum of one read or write. Node aborts the process at 2 GiB or more. */
export const mostBytesAtOnce: number = 1024 ** 3;

function openFile(handle: FileHandle): OpenFile {
  const atOnce = ({ length }: Uint8Array): number => Math.min(length, mostBytesAtOnce);
  return {
    read: async (into, position) => (await handle.read(into, 0, atOnce(into), position)).bytesRead,
    write: async (bytes, position) =>
      (await handle.write(bytes, 0, atOnce(bytes), position)).bytesWritten,
    truncate: (lengthBytes) => handle.truncate(lengthBytes),
    sync: () => handle.sync(),
    datasync: () => handle.datasync(),
    stat: async () => fileStat(await handle.stat({ bigint: true })),
    close: () => handle.close(),
  };
}

async function syncDir(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await syncIfAble(folder);
  } finally {
    await folder.close();
  }
}

/**
 * Syncs a folder if its file system can: SMB and some FUSE file systems cannot. There, a loss of power may undo
 * the latest names, and nothing else.
 */
export async function syncIfAble(folder: Pick<FileHandle, "sync">): Promise<void> {
  try {
    await folder.sync();
  } catch (error) {
    if (!hasCode(error, "EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS")) throw error;
  }
}

function fileStat(stats: BigIntStats): FileStat {
  const { size, mtimeNs, ctimeNs, ino, dev, nlink, uid } = stats;
  const mode = Number(stats.mode & 0o7777n);
  return { type: typeOf(stats), size, mtimeNs, ctimeNs, ino, dev, nlink, uid, mode };
}

function typeOf(stats: BigIntStats): FileStat["type"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "symlink" : "other";
}
