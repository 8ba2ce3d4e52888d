import { dirname } from "node:path";
import {
  LockedError,
  LockLostError,
  NotAFileError,
  readFully,
  readWhole,
  removeIfThere,
  unlessMissing,
  writeFully,
  type FileSystem,
  type Lock,
  type OpenFile,
} from "@img/files";
import {
  isTransferError,
  JournalGoneError,
  JournalIoError,
  kept,
  TransferLockedError,
} from "@img/transfer";
import type { JournalFile } from "@img/transfer";
import { messageOf } from "../files/message-of.js";

/** A journal in a file, whose lock this process holds. It owns the lock, and releases it in `close`. */
export class FileJournal implements JournalFile {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #lock: Lock;
  /** The file that `append` writes to; null before `replace`, and after a failure. */
  #file: OpenFile | null = null;
  #sizeBytes = 0;
  #closed: Promise<void> | null = null;

  constructor(fs: FileSystem, path: string, lock: Lock) {
    this.#fs = fs;
    this.#path = path;
    this.#lock = lock;
  }

  read(): Promise<Uint8Array> {
    return this.#telling(async () => {
      return (await readWhole(this.#fs, this.#path).catch(unlessMissing)) ?? new Uint8Array();
    });
  }

  replace(contents: Uint8Array): Promise<void> {
    return this.#telling(async () => {
      await this.#letGo();
      const file = await this.#draft(contents);
      this.#file = file;
      this.#sizeBytes = contents.length;
    });
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#telling(async () => {
      const file = this.#file;
      if (file === null) throw new Error("bug: append before replace, or after a failure");
      try {
        await writeFully(file, bytes, this.#sizeBytes);
        await file.datasync();
        this.#sizeBytes += bytes.length;
        await this.#keepInPlace(file);
      } catch (error) {
        await this.#letGo().catch(() => undefined); // the first error says more
        throw error;
      }
    });
  }

  remove(): Promise<void> {
    return this.#telling(async () => {
      await this.#checkLock();
      await removeIfThere(this.#fs, this.#path);
      await this.#fs.syncDir(dirname(this.#path));
    });
  }

  close(): Promise<void> {
    this.#closed ??= kept(this.#telling(() => this.#end()));
    return this.#closed;
  }

  async #end(): Promise<void> {
    try {
      await this.#letGo();
    } finally {
      await this.#lock.release();
    }
  }

  #telling<Result>(work: () => Promise<Result>): Promise<Result> {
    return telling(dirname(this.#path), work);
  }

  async #letGo(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  /** Writes a draft and renames it into place. Resolves to the open file when that is durable. */
  async #draft(contents: Uint8Array): Promise<OpenFile> {
    const path = `${this.#path}.${this.#lock.token}.new`;
    await removeIfThere(this.#fs, path);
    const file = await this.#fs.open(path, "create", 0o600);
    try {
      await writeFully(file, contents, 0);
      await file.sync();
      // As late as possible: a lock that is taken by force between this check and the rename is not noticed.
      await this.#checkLock();
      await this.#fs.rename(path, this.#path);
      await this.#fs.syncDir(dirname(this.#path));
      return file;
    } catch (error) {
      await file.close().catch(() => undefined); // the first error says more
      throw error;
    }
  }

  /**
   * Checks that the open file still has the journal's name, and gives it back. It has lost the name if another process took
   * the lock, or if the journal was deleted.
   */
  async #keepInPlace(file: OpenFile): Promise<void> {
    if ((await file.stat()).nlink > 0n) return;
    await this.#checkLock(); // throws the error that names the process
    const contents = new Uint8Array(this.#sizeBytes);
    await readFully(file, contents, 0);
    this.#file = await this.#draft(contents);
    await file.close();
  }

  async #checkLock(): Promise<void> {
    try {
      await this.#lock.check();
    } catch (error) {
      throw error instanceof LockLostError ? new JournalGoneError() : error;
    }
  }
}

/** Runs a call, and converts errors of the lock and the disk to those of transfers, with advice. */
export async function telling<Result>(
  folder: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asTransferError(folder, error);
  }
}

function asTransferError(folder: string, error: unknown): unknown {
  if (isTransferError(error)) return error;
  if (error instanceof LockedError) return new TransferLockedError(error.holder, error.mayForce);
  if (error instanceof LockLostError || error instanceof NotAFileError) {
    return new JournalIoError(error.message, { cause: error });
  }
  return diskFailure(folder, error);
}

function diskFailure(folder: string, cause: unknown): JournalIoError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const known = reasons.get(code);
  if (known === undefined) {
    const what = `The journal in ${folder} cannot be kept: ${messageOf(cause)}`;
    return new JournalIoError(what, { cause });
  }
  const [why, advice] = known;
  const what = `The journal in ${folder} cannot be kept (${code}): ${why}.`;
  return new JournalIoError(what, { advice, cause });
}

const elsewhere = "or choose another folder (uploads: XDG_STATE_HOME).";
type Reason = readonly [why: string, advice: string];
const notAllowed: Reason = [
  "this user may not write there",
  `Give the folder to this user, ${elsewhere}`,
];
const reasons: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ["EACCES", notAllowed],
  ["EPERM", notAllowed],
  ["EROFS", ["the disk is read-only", `Mount it for writing, ${elsewhere}`]],
  ["ENOTDIR", ["a file stands where a folder should", `Move it away, ${elsewhere}`]],
  ["ENOSPC", ["the disk is full", `Make room, ${elsewhere}`]],
  ["EDQUOT", ["this user's quota is used up", `Make room, ${elsewhere}`]],
  ["EMFILE", ["this process has too many files open", "Raise its limit (ulimit -n)."]],
  ["ENFILE", ["the machine has too many files open", "Close some, or raise its limit."]],
]);
