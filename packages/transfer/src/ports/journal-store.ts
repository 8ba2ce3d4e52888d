/**
 * Names the transfer that a journal is of. There is one upload of a name to a workspace at a time, whatever the
 * file.
 */
export interface JournalKey {
  /** Whether it is an upload or a download. */
  readonly kind: "upload" | "download";
  /** The API's own URL. */
  readonly server: string;
  /** The image's workspace as it was given, an id or a path; null if none was given. */
  readonly workspace: string | null;
  /** The image's name. */
  readonly name: string;
}

/** Keeps journals, each of which one process at a time can open. */
export interface JournalStore {
  /**
   * Locks and opens the journal of this key; it need not exist.
   * Rejects with TransferLockedError while another process holds it and cannot be proven dead;
   * `force` takes it all the same. It may watch for a while whether the holder lives, until the signal ends, and
   * calls `onLockWatched` before it does.
   */
  open(
    key: JournalKey,
    options: {
      readonly force: boolean;
      readonly signal?: AbortSignal | undefined;
      readonly onLockWatched?: ((holder: LockHolder | null) => void) | undefined;
    },
  ): Promise<JournalFile>;
  /**
   * The contents of every journal that exists, without locking any. Order is not promised.
   * Journals written to since `writtenBeforeSec`, in Unix seconds, may be left out.
   */
  list(options?: {
    readonly writtenBeforeSec?: number | undefined;
  }): Promise<readonly StoredJournal[]>;
}

/** A stored journal, for a list. */
export interface StoredJournal {
  /** The transfer that it is of. */
  readonly key: JournalKey;
  /** Its contents, as they were written. */
  readonly contents: Uint8Array;
  /** The living process that holds its lock; null if there is none, or it is not known. */
  readonly holder: LockHolder | null;
  /** When it was last written to, if the store knows. */
  readonly writtenAtSec?: number | undefined;
}

/** Who holds a lock. */
export interface LockHolder {
  /** Its process id; 0 where there are no processes, as in a page. */
  readonly pid: number;
  /** The machine's name. */
  readonly host: string;
  /** When it took the lock, in Unix seconds. */
  readonly sinceSec: number;
}

/**
 * One locked journal. `replace` comes before the first `append`. Calls do not overlap: the engine
 * waits for one before it makes the next.
 */
export interface JournalFile {
  /** Reads all of it; empty if there is none. */
  read(): Promise<Uint8Array>;
  /**
   * Replaces the journal by `contents`, atomically and durably (new file, sync, rename, folder sync). Later
   * appends go to this new file, so that a former holder of the lock writes to a file that is no longer the
   * journal.
   */
  replace(contents: Uint8Array): Promise<void>;
  /**
   * Appends bytes; they are durable when it resolves. After a rejection nothing more may be appended: what
   * reached the disk is unknown until the journal is opened again.
   */
  append(bytes: Uint8Array): Promise<void>;
  /** Deletes the journal, durably. Idempotent. */
  remove(): Promise<void>;
  /** Releases the lock and closes every descriptor. Idempotent. */
  close(): Promise<void>;
}
