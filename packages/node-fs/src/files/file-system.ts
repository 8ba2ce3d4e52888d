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
import { dirname } from "node:path";

/**
 * All that journal, lock and download do to a disk goes through this port, so that the tests can fail,
 * or lose power, at each single operation. Rejections carry the `code` of the platform (`ENOENT`, …).
 * The folder of `@img/local-server` goes through the same one, which it declares for itself.
 */
export interface FileSystem {
  /**
   * `read`: must exist. `update`: for reading and writing, must exist, and a symbolic link is refused.
   * `create`: for reading and writing, must not exist; gets `mode` less the umask.
   */
  open(path: string, how: "read" | "update" | "create", mode?: number): Promise<OpenFile>;
  /** Atomic; replaces what stands at `to`. Durable after `syncDir`, as are all changes of names. */
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name. Rejects with EEXIST if there is something at `name`. */
  link(existing: string, name: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** One folder, with `mode` less the umask. Rejects with EEXIST, or with ENOENT if the one above is missing. */
  mkdir(path: string, mode: number): Promise<void>;
  /** Removes a folder that is empty; rejects with ENOTEMPTY otherwise. */
  rmdir(path: string): Promise<void>;
  readdir(path: string): Promise<readonly string[]>;
  stat(path: string): Promise<FileStat>;
  /** As `stat`, but tells of a symbolic link itself. */
  lstat(path: string): Promise<FileStat>;
  /** Makes the names in a folder durable. */
  syncDir(path: string): Promise<void>;
  /** How many bytes this user may still write there. */
  freeBytes(path: string): Promise<number>;
}

/** An open file. Calls may overlap; whoever opened it closes it. */
export interface OpenFile {
  /** Resolves to how many bytes came, perhaps fewer than fit; 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Resolves to how many bytes were taken, perhaps not all. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Shortens, or lengthens with a hole. */
  truncate(lengthBytes: number): Promise<void>;
  /** Everything that was written before the call is durable. After a rejection, never trust this file again. */
  sync(): Promise<void>;
  /** As `sync`, without times and mode. */
  datasync(): Promise<void>;
  stat(): Promise<FileStat>;
  close(): Promise<void>;
}

/** What there is to know about a file. */
export interface FileStat {
  readonly type: "file" | "directory" | "symlink" | "other";
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly dev: bigint;
  /** How many names it has; 0 once it was deleted or replaced while open. */
  readonly nlink: bigint;
}

/** The disk. */
export const realFileSystem: FileSystem = {
  open: async (path, how, mode = 0o666) => openFile(await open(path, flags[how], mode)),
  rename,
  link,
  unlink,
  mkdir: (path, mode) => mkdir(path, mode),
  rmdir,
  readdir: (path) => readdir(path),
  stat: async (path) => fileStat(await stat(path, { bigint: true })),
  lstat: async (path) => fileStat(await lstat(path, { bigint: true })),
  syncDir,
  freeBytes: async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};

/** Writes all of `bytes`, in as many writes as it takes. */
export async function writeFully(
  file: OpenFile,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await file.write(done === 0 ? bytes : bytes.subarray(done), position + done);
  }
}

/** Fills `into` as far as the file goes, in as many reads as it takes; resolves to how far that was. */
export async function readFully(
  file: OpenFile,
  into: Uint8Array,
  position: number,
): Promise<number> {
  let done = 0;
  for (;;) {
    const count = await file.read(into.subarray(done), position + done);
    done += count;
    if (count === 0 || done === into.length) return done;
  }
}

/** The whole of a small file. Rejects with ENOENT if there is none. */
export async function readWhole(fs: FileSystem, path: string): Promise<Uint8Array> {
  const file = await fs.open(path, "read");
  try {
    const bytes = new Uint8Array(Number((await file.stat()).size));
    return bytes.subarray(0, await readFully(file, bytes, 0));
  } finally {
    await file.close();
  }
}

/** Makes a folder, and those above it where they are missing, durably. `mode` is for all that are made. */
export async function ensureFolder(fs: FileSystem, path: string, mode: number): Promise<void> {
  try {
    await makeFolder(fs, path, mode);
  } catch (error) {
    if (!hasCode(error, "ENOENT") || dirname(path) === path) throw error;
    await ensureFolder(fs, dirname(path), mode);
    // Once: in /proc a folder that is there may say of every name that it is not.
    await makeFolder(fs, path, mode);
  }
}

async function makeFolder(fs: FileSystem, path: string, mode: number): Promise<void> {
  try {
    await fs.mkdir(path, mode);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return;
    throw error;
  }
  await fs.syncDir(dirname(path));
}

/** Whether a rejection of this port has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

// Windows has no O_NOFOLLOW, and there making a symbolic link needs a right that few have.
const noFollow = (constants as { O_NOFOLLOW?: number }).O_NOFOLLOW ?? 0;

const flags = {
  read: constants.O_RDONLY,
  update: constants.O_RDWR | noFollow,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
};

/** Node aborts the process at a read or write of 2 GiB or more. */
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
  if (process.platform === "win32") return; // a folder cannot be opened there; NTFS journals its names
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function fileStat(stats: BigIntStats): FileStat {
  const { size, mtimeNs, ctimeNs, ino, dev, nlink } = stats;
  return { type: typeOf(stats), size, mtimeNs, ctimeNs, ino, dev, nlink };
}

function typeOf(stats: BigIntStats): FileStat["type"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "symlink" : "other";
}
