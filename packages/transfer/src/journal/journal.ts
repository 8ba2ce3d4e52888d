import { JournalCorruptError, JournalIoError, TransferLockedError } from "../errors.js";
import type { JournalFile, JournalKey, JournalStore } from "../ports.js";
import type { Decoded } from "./codec.js";
import { decodeJournal, encodeHeader, encodeRecords } from "./codec.js";
import type { DownloadBegin, JournalRecord, UploadBegin } from "./record.js";
import type { Transfer } from "./replay.js";
import { Fold, nothing, replay } from "./replay.js";

/**
 * Locks, reads and folds the journal of a transfer; it need not exist. What is whole is written to a
 * new file first, so that no sync of a former process is trusted. The caller closes it.
 *
 * @param options.force Takes the lock of another process that cannot be proven dead.
 * @throws {TransferLockedError} Another process holds it.
 * @throws {JournalCorruptError} It is damaged where it was synced, or is of another transfer.
 * @throws {JournalVersionError} A newer version wrote it.
 * @throws {JournalIoError} It cannot be read or written.
 */
export async function openJournal(
  store: JournalStore,
  key: JournalKey,
  options: { readonly force: boolean },
): Promise<Journal> {
  const file = await io("opened", () => store.open(key, options));
  try {
    return await resume(file, key);
  } catch (error) {
    await file.close().catch(() => undefined); // the first error says more
    throw error;
  }
}

/**
 * Deletes a journal whatever it holds, also a damaged one. The image on the server is not touched.
 *
 * @throws {TransferLockedError} Another process holds it.
 * @throws {JournalIoError} It cannot be deleted.
 */
export async function forgetJournal(
  store: JournalStore,
  key: JournalKey,
  options: { readonly force: boolean },
): Promise<void> {
  const file = await io("opened", () => store.open(key, options));
  try {
    await io("deleted", () => file.remove());
  } finally {
    await io("closed", () => file.close());
  }
}

/**
 * What the contents of a journal amount to. For lists: nothing is locked or written.
 *
 * @throws {JournalCorruptError} It is damaged where it was synced.
 * @throws {JournalVersionError} A newer version wrote it.
 */
export function readJournal(contents: Uint8Array): Transfer {
  return replay(decodeJournal(contents).records);
}

async function resume(file: JournalFile, key: JournalKey): Promise<Journal> {
  const contents = await io("read", () => file.read());
  const found = decodeJournal(contents);
  const state = replay(found.records);
  checkKey(state, key);
  if (found.records.length > 0) {
    await io("written", () => file.replace(contents.subarray(0, found.wholeBytes)));
  }
  return new Journal(file, found, state);
}

function checkKey(state: Transfer, key: JournalKey): void {
  if (state.at === "nothing") return;
  const { kind, server, name } = state.begin;
  const same =
    kind === key.kind && (kind === "download" || (server === key.server && name === key.name));
  if (!same) throw new JournalCorruptError(`it is of the ${kind} of "${name}" on ${server}`);
}

/** Records that share a write and a sync. */
interface Group {
  readonly records: JournalRecord[];
  readonly written: Promise<void>;
}

/**
 * The memory of one transfer. Calls may cross: appends of one moment share a write and a sync, and
 * everything takes effect in the order of the calls.
 */
export class Journal {
  readonly #file: JournalFile;
  #id: string;
  #sequence: number;
  #syncedBytes: number;
  /** Of what is durable. */
  #durable: Fold;
  /** Of what is durable or on its way. */
  #ahead: Fold;
  /** What waits for its turn and can still grow, null if nothing does. */
  #group: Group | null = null;
  /** Settles, and never rejects, when all that was asked for is done. */
  #settled: Promise<unknown> = Promise.resolve();
  #failure: JournalIoError | TransferLockedError | null = null;
  #closed: Promise<void> | null = null;

  /** Use `openJournal`. */
  constructor(file: JournalFile, found: Decoded, state: Transfer) {
    this.#file = file;
    this.#id = found.id;
    this.#sequence = found.records.length + 1;
    this.#syncedBytes = found.wholeBytes;
    this.#durable = new Fold(state);
    this.#ahead = new Fold(state);
  }

  /** What the durable records amount to; those of every `append` that has resolved are among them. */
  get state(): Transfer {
    return this.#durable.state;
  }

  /**
   * Resolves when the records are durable.
   *
   * @throws {JournalIoError} Whether they are is unknown, and no later `append` or `begin` does anything.
   * @throws {TransferLockedError} Another process took the lock by force, and the records are not in
   *   its journal. No later `append` or `begin` does anything.
   */
  async append(...records: JournalRecord[]): Promise<void> {
    this.#checkUsable();
    for (const record of records) this.#foresee(record);
    this.#group ??= this.#openGroup();
    this.#group.records.push(...records);
    return this.#group.written;
  }

  /**
   * Begins a transfer, under a new id, in the place of whatever stood there. Resolves when it is durable.
   *
   * @throws As `append` does.
   */
  async begin(record: UploadBegin | DownloadBegin): Promise<void> {
    this.#checkUsable();
    this.#startOver();
    this.#foresee(record);
    return this.#inTurn(() => this.#writeBegin(record));
  }

  /**
   * Deletes the journal: the transfer is over. Idempotent.
   *
   * @throws {JournalIoError} It may still be there.
   */
  async remove(): Promise<void> {
    this.#startOver();
    return this.#inTurn(async () => {
      await io("deleted", () => this.#file.remove());
      this.#durable = new Fold(nothing);
    });
  }

  /** Waits for what is under way, then lets go of the journal and its lock. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#inTurn(() => io("closed", () => this.#file.close()));
    return this.#closed;
  }

  #checkUsable(): void {
    if (this.#closed !== null) throw new Error("bug: the journal is closed");
  }

  #startOver(): void {
    this.#ahead = new Fold(nothing);
    this.#group = null;
  }

  #foresee(record: JournalRecord): void {
    try {
      this.#ahead.take(record);
    } catch (cause) {
      throw new Error(`bug: a ${record.type} record that makes no sense here`, { cause });
    }
  }

  #openGroup(): Group {
    const records: JournalRecord[] = [];
    const written = this.#inTurn(() => {
      if (this.#group?.records === records) this.#group = null; // who comes now waits for the next
      return this.#writeGroup(records);
    });
    return { records, written };
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#settled.then(work);
    this.#settled = done.catch(() => undefined);
    return done;
  }

  async #writeGroup(records: readonly JournalRecord[]): Promise<void> {
    const seal = { id: this.#id, sequence: this.#sequence, syncedBytes: this.#syncedBytes };
    const bytes = encodeRecords(seal, records);
    await this.#orFail(() => this.#file.append(bytes));
    for (const record of records) this.#durable.take(record);
    this.#sequence += records.length;
    this.#syncedBytes += bytes.length;
  }

  async #writeBegin(record: UploadBegin | DownloadBegin): Promise<void> {
    const id = crypto.randomUUID().replaceAll("-", "");
    const header = encodeHeader(id);
    const line = encodeRecords({ id, sequence: 1, syncedBytes: 0 }, [record]);
    const bytes = new Uint8Array(header.length + line.length);
    bytes.set(header);
    bytes.set(line, header.length);
    await this.#orFail(() => this.#file.replace(bytes));
    this.#durable = new Fold(nothing);
    this.#durable.take(record);
    this.#id = id;
    this.#sequence = 2;
    this.#syncedBytes = bytes.length;
  }

  /** After a failure nobody knows what reached the disk, so nothing may be written behind it. */
  async #orFail(write: () => Promise<void>): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    try {
      await write();
    } catch (error) {
      this.#failure = ioError("written", error);
      throw this.#failure;
    }
  }
}

async function io<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw ioError(what, error);
  }
}

/** A store may have a better error of its own. */
function ioError(what: string, cause: unknown): JournalIoError | TransferLockedError {
  if (cause instanceof JournalIoError || cause instanceof TransferLockedError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new JournalIoError(`The journal of this transfer could not be ${what}: ${why}`, { cause });
}
