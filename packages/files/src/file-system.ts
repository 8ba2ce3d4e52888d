/**
 * All that journals, locks, downloads and the server's folder do to a disk goes through this port, so
 * that the tests can fail, or lose power, at each single operation. Rejections carry the `code` of the
 * platform (`ENOENT`, …).
 */
export interface FileSystem {
  /**
   * Opens a file, never one behind a symbolic link (ELOOP), and never waits for the other end of a pipe.
   * `read`: must exist. `update`: for reading and writing, must exist. `create`: for reading and
   * writing, must not exist; gets `mode` less the umask.
   */
  open(path: string, how: "read" | "update" | "create", mode?: number): Promise<OpenFile>;
  /** Atomic; replaces what stands at `to`. Durable after `syncDir`, as are all changes of names. */
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name. Rejects with EEXIST if there is something at `name`. */
  link(existing: string, name: string): Promise<void>;
  /** Takes a file's name away. Rejects with ENOENT if there is none. */
  unlink(path: string): Promise<void>;
  /** One folder, with `mode` less the umask. Rejects with EEXIST, or with ENOENT if the one above is missing. */
  mkdir(path: string, mode: number): Promise<void>;
  /** Removes a folder that is empty; rejects with ENOTEMPTY otherwise. */
  rmdir(path: string): Promise<void>;
  /** The names in a folder, in any order. */
  readdir(path: string): Promise<readonly string[]>;
  /** What stands there, or behind a symbolic link that stands there. */
  stat(path: string): Promise<FileStat>;
  /** As `stat`, but tells of a symbolic link itself. */
  lstat(path: string): Promise<FileStat>;
  /** Makes the names in a folder durable, where the file system can sync folders. */
  syncDir(path: string): Promise<void>;
  /** How many bytes this user may still write there; Infinity if the file system reports 0 blocks in all. */
  freeBytes(path: string): Promise<number>;
}

/** An open file. Calls may overlap; the caller of `open` closes it. */
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
  /** What there is to know about it. */
  stat(): Promise<FileStat>;
  /** Releases the file. */
  close(): Promise<void>;
}

/** What there is to know about a file. */
export interface FileStat {
  /** `other`: a pipe, a socket or a device. */
  readonly type: "file" | "directory" | "symlink" | "other";
  /** In bytes. */
  readonly size: bigint;
  /** When its bytes changed. */
  readonly mtimeNs: bigint;
  /** When its bytes or its metadata changed. */
  readonly ctimeNs: bigint;
  /** With `dev`, names one file. */
  readonly ino: bigint;
  /** The device that it is on. */
  readonly dev: bigint;
  /** How many names it has; 0 once it was deleted or replaced while open. */
  readonly nlink: bigint;
  /** Its owner's number; 0 where there are none. */
  readonly uid: bigint;
  /** Its permission bits. */
  readonly mode: number;
}

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

/** Whether a rejection of this port has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/**
 * Whether a hard link was refused because the file system, or what watches over it, has none: EPERM (FAT), EACCES
 * (Android), EXDEV, EINVAL, ENOTSUP and others. What says that the disk or the names are at fault is no such refusal.
 */
export function isLinkRefused(error: unknown): boolean {
  const isCoded =
    error instanceof Error && "code" in error && /^E[A-Z0-9]+$/.test(String(error.code));
  return isCoded && !hasCode(error, ...linkFailures);
}

const linkFailures = ["EEXIST", "ENOSPC", "EDQUOT", "EIO", "ENOENT", "EROFS", "ESTALE"];

/** For `catch`: ENOENT becomes null, everything else stays an error. */
export function unlessMissing(error: unknown): null {
  if (hasCode(error, "ENOENT")) return null;
  throw error;
}
