import { JournalCorruptError, type AnyTransferError } from "../errors.js";
import { kept } from "../promises/kept.js";
import type { JournalFile, JournalKey, JournalStore } from "../ports.js";
import type { Seal } from "./codec.js";
import { encodeJournal, encodeRecords, loadDecoder, newTransferId } from "./codec.js";
import type { Decoded } from "./decode.js";
import { io, ioError } from "./io.js";
import type { DownloadBegin, JournalRecord, UploadBegin } from "./record.js";
import { Fold, replay } from "./replay.js";
import { nothing, type Transfer } from "./state.js";

/**
 * Locks, reads and replays the journal of a transfer; it need not exist. Its intact part is written to a new
 * file first, in the newest version: a sync of an earlier process is not trusted. The caller closes it.
 *
 * @param options.force Takes the lock of another process that cannot be proven dead.
 * @throws {TransferLockedError} Another process holds it.
 * @throws {JournalCorruptError} It is damaged where it was synced, or is of another transfer.
 * @throws {JournalVersionError} A newer version wrote it.
 * @throws {JournalIoError} It cannot be read or written.
 * @throws {ScriptNotLoadedError} What reads it could not be loaded.
 */
export async function openJournal(
  store: JournalStore,
  key: JournalKey,
  options: Parameters<JournalStore["open"]>[1],
): Promise<Journal> {
  const file = await io("opened", () => store.open(key, options)).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    throw error;
  });
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
  options: Parameters<JournalStore["open"]>[1],
): Promise<void> {
  const file = await io("opened", () => store.open(key, options));
  try {
    await io("deleted", () => file.remove());
  } finally {
    await io("closed", () => file.close());
  }
}

const empty: Decoded = { id: "", records: [], isCurrent: true, wholeBytes: 0 };

async function resume(file: JournalFile, key: JournalKey): Promise<Journal> {
  const contents = await io("read", () => file.read());
  const found = contents.length === 0 ? empty : (await loadDecoder())(contents);
  const state = replay(found.records);
  checkKey(state, key);
  const id = found.isCurrent ? found.id : newTransferId();
  const whole = found.isCurrent
    ? contents.subarray(0, found.wholeBytes)
    : encodeJournal(id, found.records);
  if (found.records.length > 0) await io("written", () => file.replace(whole));
  const next = { id, sequence: found.records.length + 1, syncedBytes: whole.length };
  return new Journal(file, next, state);
}

function checkKey(state: Transfer, key: JournalKey): void {
  if (state.at === "nothing") return;
  const { kind, server, workspace, name } = state.begin;
  const same = server === key.server && workspace === key.workspace && name === key.name;
  if (kind === key.kind && (kind === "download" || same)) return;
  const where = workspace === null ? server : `${server}, in workspace ${workspace}`;
  throw new JournalCorruptError(`it is of the ${kind} of "${name}" on ${where}`);
}

/** Records that share a write and a sync. */
interface Group {
  readonly records: JournalRecord[];
  readonly written: Promise<void>;
}

/**
 * The open journal of one transfer. Calls may overlap: appends that arrive together share a write and a sync,
 * and everything takes effect in the order of the calls.
 */
export class Journal {
  readonly #file: JournalFile;
  /** The seal of the next group. */
  #seal: Seal;
  /** The state of the durable records. */
  #durable: Fold;
  /** The state of the durable records and of those that are being written. */
  #ahead: Fold;
  /** The next group to be written, which still takes records; null if there is none. */
  #group: Group | null = null;
  /** Settles when all requested work is done. Never rejects. */
  #settled: Promise<unknown> = Promise.resolve();
  #failure: AnyTransferError | null = null;
  #closed: Promise<void> | null = null;

  /** Use `openJournal`. */
  constructor(file: JournalFile, seal: Seal, state: Transfer) {
    this.#file = file;
    this.#seal = seal;
    this.#durable = new Fold(state);
    this.#ahead = new Fold(state);
  }

  /** The state of the durable records, which include those of every `append` that has resolved. */
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
   * Begins a transfer under a new id, and replaces the former journal. Resolves when it is durable.
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

  /** Waits for running calls, then closes the journal and releases its lock. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= kept(this.#inTurn(() => io("closed", () => this.#file.close())));
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
    const write = (): Promise<void> => {
      if (this.#group?.records === records) this.#group = null; // later appends go to the next group
      return this.#writeGroup(records);
    };
    return { records, written: kept(this.#inTurn(write)) };
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = kept(this.#settled.then(work));
    this.#settled = done.catch(() => undefined);
    return done;
  }

  async #writeGroup(records: readonly JournalRecord[]): Promise<void> {
    const bytes = encodeRecords(this.#seal, records);
    await this.#orFail(() => this.#file.append(bytes));
    for (const record of records) this.#durable.take(record);
    this.#seal = after(this.#seal, records.length, bytes.length);
  }

  async #writeBegin(record: UploadBegin | DownloadBegin): Promise<void> {
    const id = newTransferId();
    const bytes = encodeJournal(id, [record]);
    await this.#orFail(() => this.#file.replace(bytes));
    this.#durable = new Fold(nothing);
    this.#durable.take(record);
    this.#seal = { id, sequence: 2, syncedBytes: bytes.length };
  }

  /** Runs a write. After a failure it is unknown what reached the disk, so nothing more is written. */
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

const after = (seal: Seal, records: number, bytes: number): Seal => ({
  id: seal.id,
  sequence: seal.sequence + records,
  syncedBytes: seal.syncedBytes + bytes,
});
