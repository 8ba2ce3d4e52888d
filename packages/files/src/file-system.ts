/**
 * The port for all that journals, locks, downloads and the server's folder do to a disk, so that tests can fail
 * each single operation, or cut the power at it. Rejections carry the `code` of the platform (`ENOENT`, …).
 */
export interface FileSystem {
  /**
   * Opens a file, never one behind a symbolic link (ELOOP), and never waits for the other end of a pipe.
   * `read`: the file must exist. `update`: for reading and writing; it must exist. `create`: for reading and
   * writing; it must not exist, and gets `mode` less the umask.
   */
  open(path: string, how: "read" | "update" | "create", mode?: number): Promise<OpenFile>;
  /**
   * Renames a file, atomically; replaces a file at `to`. Like all changes of names, it is durable after
   * `syncDir`.
   */
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name. Rejects with EEXIST if there is something at `name`. */
  link(existing: string, name: string): Promise<void>;
  /** Removes a name of a file. Rejects with ENOENT if there is none. */
  unlink(path: string): Promise<void>;
  /**
   * Creates one folder, with `mode` less the umask. Rejects with EEXIST, or with ENOENT if the parent is
   * missing.
   */
  mkdir(path: string, mode: number): Promise<void>;
  /** Removes an empty folder; rejects with ENOTEMPTY if it is not empty. */
  rmdir(path: string): Promise<void>;
  /** Lists the names in a folder, in any order. */
  readdir(path: string): Promise<readonly string[]>;
  /** Describes what is at this path, or what a symbolic link there leads to. */
  stat(path: string): Promise<FileStat>;
  /** As `stat`, but describes a symbolic link itself. */
  lstat(path: string): Promise<FileStat>;
  /** Makes the names in a folder durable, if the file system can sync folders. */
  syncDir(path: string): Promise<void>;
  /**
   * Returns how many bytes this user may still write there; Infinity if the file system reports 0 blocks in
   * all.
   */
  freeBytes(path: string): Promise<number>;
}

/** An open file. Calls may overlap; the caller of `open` closes it. */
export interface OpenFile {
  /** Reads bytes. Resolves to their number, perhaps fewer than fit; 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Writes bytes. Resolves to the number that was written, perhaps not all. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Changes the length; a longer file ends with a hole. */
  truncate(lengthBytes: number): Promise<void>;
  /** Makes durable what was written before the call. After a rejection, never trust this file again. */
  sync(): Promise<void>;
  /** As `sync`, without times and mode. */
  datasync(): Promise<void>;
  /** Describes the file. */
  stat(): Promise<FileStat>;
  /** Closes the file. */
  close(): Promise<void>;
}

/** The metadata of a file. */
export interface FileStat {
  /** `other`: a pipe, a socket or a device. */
  readonly type: "file" | "directory" | "symlink" | "other";
  /** Its size in bytes. */
  readonly size: bigint;
  /** The time at which its bytes changed. */
  readonly mtimeNs: bigint;
  /** The time at which its bytes or its metadata changed. */
  readonly ctimeNs: bigint;
  /** Its inode; together with `dev`, it identifies the file. */
  readonly ino: bigint;
  /** The device that it is on. */
  readonly dev: bigint;
  /** The number of its names; 0 if it was deleted or replaced while open. */
  readonly nlink: bigint;
  /** Its owner's number; 0 on systems without owners. */
  readonly uid: bigint;
  /** Its permission bits. */
  readonly mode: number;
}

/** Writes all of `bytes`, in as many writes as necessary. */
export async function writeFully(
  file: OpenFile,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await file.write(done === 0 ? bytes : bytes.subarray(done), position + done);
  }
}

/**
 * Fills `into` from the file, in as many reads as necessary; resolves to the number of bytes before the end.
 */
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

/** Whether a rejection of this port has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/**
 * Whether a hard link was refused because the file system, or a program that supervises it, does not support
 * it: EPERM (FAT), EACCES (Android), EXDEV, EINVAL, ENOTSUP and others. Errors of the disk or of the names are
 * not counted.
 */
export function isLinkRefused(error: unknown): boolean {
  const isCoded =
    error instanceof Error && "code" in error && /^E[A-Z0-9]+$/.test(String(error.code));
  return isCoded && !hasCode(error, ...linkFailures);
}

const linkFailures = ["EEXIST", "ENOSPC", "EDQUOT", "EIO", "ENOENT", "EROFS", "ESTALE"];

/** For `catch`: turns ENOENT into null, and throws every other error. */
export function unlessMissing(error: unknown): null {
  if (hasCode(error, "ENOENT")) return null;
  throw error;
}
