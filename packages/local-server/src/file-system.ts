/**
 * The disk, as small as the folder store needs it. Everything that changes the store's state goes
 * through one of these, so that a crash test can put another one in its place.
 */
export interface FileSystem {
  /** Opens a file for reading, or creates one (mode 0600) that must not be there yet. */
  open(path: string, how: "read" | "create"): Promise<OpenFile>;
  /** Replaces `to` in one step. Durable only after `syncFolder` of its folder. */
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name, which must not be there yet. */
  link(from: string, to: string): Promise<void>;
  /** Removes a file; one that is not there is no error. */
  unlink(path: string): Promise<void>;
  /** Makes a folder (mode 0700) and those above it; one that is there is no error. */
  mkdir(path: string): Promise<void>;
  /** Removes an empty folder. */
  rmdir(path: string): Promise<void>;
  /** The names in a folder, in no order. */
  readdir(path: string): Promise<string[]>;
  stat(path: string): Promise<{ readonly bytes: number; readonly modifiedMs: number }>;
  /** Makes the names in a folder durable: creations, renames and removals. */
  syncFolder(path: string): Promise<void>;
  /** What an unprivileged process may still write on the disk that holds `path`. */
  freeBytes(path: string): Promise<number>;
}

/** A file that {@link FileSystem.open} opened. The caller closes it. */
export interface OpenFile {
  /** Reads from `offset` on, as far as `into` and the file reach. Resolves to the bytes read, 0 at the end. */
  read(into: Uint8Array, offset: number): Promise<number>;
  /** Adds all of `slices` to the end. They may be changed again once it has resolved. One call at a time. */
  append(slices: readonly Uint8Array[]): Promise<void>;
  /** Makes the content and its length durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
