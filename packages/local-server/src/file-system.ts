/**
 * The disk, as the folder store needs it. Everything that changes the store's state goes through this
 * port, so that a test can fail, kill or lose power at each single operation. It is the port of the
 * journals of `@img/node-fs`, less what only those need. Rejections carry the platform's `code`.
 */
export interface FileSystem {
  /** `read`: must exist. `create`: must not exist; gets `mode` less the umask. */
  open(path: string, how: "read" | "create", mode?: number): Promise<OpenFile>;
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
  /** A file's size and age. Rejects with ENOENT if there is none. */
  stat(path: string): Promise<FileStat>;
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
  /** The bytes and the length that were written before the call are durable. */
  datasync(): Promise<void>;
  /** Lets go of it. */
  close(): Promise<void>;
}

export interface FileStat {
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

/** Writes all of `bytes`, in as many writes as it takes. */
export async function writeFully(
  file: OpenFile,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await file.write(bytes.subarray(done), position + done);
  }
}

/** Fills `into` as far as the file goes; resolves to how far that was. */
export async function readFully(
  file: OpenFile,
  into: Uint8Array,
  position: number,
): Promise<number> {
  for (let done = 0; ;) {
    const count = await file.read(into.subarray(done), position + done);
    done += count;
    if (count === 0 || done === into.length) return done;
  }
}

/** Whether a rejection of this port has one of these codes. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && "code" in error && codes.includes(String(error.code));
