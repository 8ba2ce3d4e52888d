import {
  JournalIoError,
  TransferLockedError,
  type JournalFile,
  type JournalKey,
  type JournalStore,
  type LockHolder,
  type StoredJournal,
} from "@img/transfer";
import { privateFileAt, privatePathOf, type PrivatePath } from "./private-files.js";
import { done, openDatabase, transact, type Tables } from "./indexed-db.js";
import { heldTabLocks, takeTabLock, type TabLock } from "./tab-lock.js";

/** A journal's row; its contents are pieces, one for each append. */
interface JournalRow extends StoredFile {
  readonly id: string;
  /** A row of an older version has no workspace. */
  readonly key: Omit<JournalKey, "workspace"> & Partial<JournalKey>;
  /** Identifies who opened the journal last: only that opener may change it. */
  readonly owner: string;
  /** Unix time. */
  readonly openedSec: number;
  /** False while the journal is empty. */
  readonly begun: boolean;
}

/** How to find the file that is uploaded or downloaded to, if the page has a handle of it. */
interface StoredFile {
  readonly handle: FileSystemFileHandle | null;
  /** Of a file in the private file system: Safari stores no handle. */
  readonly path?: PrivatePath | null;
}

const noFile: StoredFile = { handle: null };

async function storedFile(handle: FileSystemFileHandle | null): Promise<StoredFile> {
  const path = handle && (await privatePathOf(handle));
  return path === null ? { handle } : { handle: null, path };
}

/** A journal with the file that it is about. */
export interface StoredPageJournal extends StoredJournal {
  readonly handle: FileSystemFileHandle | null;
}

type ListOptions = NonNullable<Parameters<JournalStore["list"]>[0]>;

export interface PageJournalsOptions {
  /** Kept with the journals that are begun, so that a resume asks for no file. */
  readonly handle: FileSystemFileHandle | null;
  /** Separates journals with the same key: the target of a download. */
  readonly scope: string;
}

/** Journals in this origin's IndexedDB, each write durable when it resolves, with a Web Lock for each. */
export class IndexedDbJournals implements JournalStore {
  readonly #options: PageJournalsOptions;

  constructor(options: PageJournalsOptions = { handle: null, scope: "" }) {
    this.#options = options;
  }

  async open(key: JournalKey, { force }: { readonly force: boolean }): Promise<JournalFile> {
    const { handle, scope } = this.#options;
    const id = idOf(key, scope);
    const lock = await takeTabLock(lockName(id), force);
    if (lock === null) throw new TransferLockedError(null, false);
    try {
      const file = await storedFile(handle);
      const journal = new PageJournal(await openDatabase(), lock, id, { ...key }, file);
      await journal.own();
      return journal;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  list({ writtenBeforeSec }: ListOptions = {}): Promise<readonly StoredPageJournal[]> {
    return listJournals(writtenBeforeSec);
  }
}

/** The key of a journal's row. Without a workspace it is that of version 1, so that older journals are found. */
function idOf({ kind, server, workspace, name }: JournalKey, scope: string): string {
  return JSON.stringify([kind, server, name, scope, ...(workspace === null ? [] : [workspace])]);
}

const lockName = (id: string): string => `img journal ${id}`;

/** The journals of this origin that were opened before, without locking any. */
export async function listJournals(
  openedBeforeSec: number = Infinity,
): Promise<readonly StoredPageJournal[]> {
  const db = await openDatabase();
  try {
    const held = await heldTabLocks();
    const found = await transact(db, "readonly", async ({ journals, pieces }) => {
      const rows = (await done(journals.getAll())) as JournalRow[];
      const begun = rows.filter((row) => row.begun && row.openedSec < openedBeforeSec);
      return Promise.all(
        begun.map(async ({ id, key, handle, path, openedSec }) => ({
          key: { ...key, workspace: key.workspace ?? null },
          file: { handle, path: path ?? null },
          contents: await readPieces(pieces, id),
          holder: held.has(lockName(id)) ? tab(openedSec) : null,
        })),
      );
    });
    return await Promise.all(
      found.map(async ({ file, ...rest }) => ({ ...rest, handle: await handleOf(file) })),
    );
  } finally {
    db.close();
  }
}

const handleOf = async ({ handle, path }: StoredFile): Promise<FileSystemFileHandle | null> =>
  path == null ? handle : privateFileAt(path);

/** A page has no process id, and cannot tell which tab it is. */
const tab = (sinceSec: number): LockHolder => ({ pid: 0, host: "this browser", sinceSec });

const piecesOf = (id: string): IDBKeyRange => IDBKeyRange.bound([id], [id, []]);

async function readPieces(pieces: IDBObjectStore, id: string): Promise<Uint8Array> {
  const rows = (await done(pieces.getAll(piecesOf(id)))) as { readonly bytes: Uint8Array }[];
  const contents = new Uint8Array(rows.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of rows) {
    contents.set(bytes, at);
    at += bytes.length;
  }
  return contents;
}

class PageJournal implements JournalFile {
  readonly #db: IDBDatabase;
  readonly #lock: TabLock;
  readonly #id: string;
  readonly #key: JournalKey;
  readonly #file: StoredFile;
  readonly #owner = crypto.randomUUID();
  readonly #openedSec = Math.floor(Date.now() / 1000);
  #pieces = 0;
  #closed = false;

  constructor(db: IDBDatabase, lock: TabLock, id: string, key: JournalKey, file: StoredFile) {
    this.#db = db;
    this.#lock = lock;
    this.#id = id;
    this.#key = key;
    this.#file = file;
  }

  /** Takes the journal over: an earlier opener can no longer change it. */
  async own(): Promise<void> {
    await transact(this.#db, "readwrite", async ({ journals }) => {
      const row = (await done(journals.get(this.#id))) as JournalRow | undefined;
      await done(journals.put(this.#row(row?.begun ?? false, row ?? noFile)));
    }).catch((error: unknown) => {
      this.#db.close();
      throw error;
    });
  }

  read(): Promise<Uint8Array> {
    return transact(this.#db, "readonly", ({ pieces }) => readPieces(pieces, this.#id));
  }

  async replace(contents: Uint8Array): Promise<void> {
    await this.#change(async ({ journals, pieces }) => {
      await done(pieces.delete(piecesOf(this.#id)));
      await done(journals.put(this.#row(true, this.#file)));
      await done(pieces.add({ id: this.#id, number: 0, bytes: contents.slice() }));
    });
    this.#pieces = 1;
  }

  async append(bytes: Uint8Array): Promise<void> {
    if (this.#pieces === 0) throw new JournalIoError("bug: append before replace");
    const piece = { id: this.#id, number: this.#pieces++, bytes: bytes.slice() };
    await this.#change(({ pieces }) => done(pieces.add(piece)));
  }

  async remove(): Promise<void> {
    await this.#change(async ({ journals, pieces }) => {
      await done(pieces.delete(piecesOf(this.#id)));
      await done(journals.put(this.#row(false, noFile)));
    });
    this.#pieces = 0;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#change(async ({ journals }, { begun }) => {
        if (!begun) await done(journals.delete(this.#id));
      }).catch(() => undefined); // what is empty is passed over by lists
    } finally {
      this.#db.close();
      await this.#lock.release();
    }
  }

  #row(begun: boolean, { handle, path = null }: StoredFile): JournalRow {
    const { id, key, owner, openedSec } = {
      id: this.#id,
      key: this.#key,
      owner: this.#owner,
      openedSec: this.#openedSec,
    };
    return { id, key, owner, openedSec, begun, handle, path };
  }

  /** Makes a change in one transaction, if this opener still owns the journal. */
  async #change(work: (tables: Tables, row: JournalRow) => Promise<unknown>): Promise<void> {
    if (this.#lock.lost) throw new TransferLockedError(null, false);
    await transact(this.#db, "readwrite", async (tables) => {
      const row = (await done(tables.journals.get(this.#id))) as JournalRow | undefined;
      if (row === undefined) throw new JournalIoError(goneText);
      if (row.owner !== this.#owner) throw new TransferLockedError(null, false);
      await work(tables, row);
    });
  }
}

const goneText =
  "The journal of this transfer was deleted: this site's data was cleared. Run it again to start over.";

/** No journals: a transfer of a stream cannot be resumed. */
export const noJournals: JournalStore = {
  open: () => Promise.reject(new Error("bug: a stream has no journal")),
  list: async () => [],
};
