import { JournalIoError, TransferLockedError } from "../errors.js";
import type { JournalFile, JournalKey, JournalStore, LockHolder, StoredJournal } from "../ports.js";

/** One journal's place: what stands there, and who may change it. */
interface Place {
  readonly key: JournalKey;
  contents: Uint8Array | null;
  holder: MemoryJournal | null;
}

const holder: LockHolder = { pid: 1, host: "memory", sinceSec: 0 };

/** Journals that last as long as this object: for tests, and for transfers that nobody will resume. */
export class MemoryJournals implements JournalStore {
  readonly #places = new Map<string, Place>();

  async open(key: JournalKey, { force }: { readonly force: boolean }): Promise<JournalFile> {
    const id = JSON.stringify([key.kind, key.server, key.workspace, key.name]);
    const place = this.#places.get(id) ?? { key: { ...key }, contents: null, holder: null };
    if (place.holder !== null && !force) throw new TransferLockedError(holder, false);
    this.#places.set(id, place);
    return new MemoryJournal(place);
  }

  async list(): Promise<readonly StoredJournal[]> {
    return [...this.#places.values()].flatMap(({ key, contents, holder: held }) =>
      contents === null ? [] : [{ key, contents, holder: held === null ? null : holder }],
    );
  }
}

class MemoryJournal implements JournalFile {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
    place.holder = this;
  }

  async read(): Promise<Uint8Array> {
    return this.#place.contents ?? new Uint8Array();
  }

  async replace(contents: Uint8Array): Promise<void> {
    this.#checkHeld();
    this.#place.contents = contents.slice();
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#checkHeld();
    const before = this.#place.contents;
    if (before === null) throw new JournalIoError("bug: append before replace");
    const after = new Uint8Array(before.length + bytes.length);
    after.set(before);
    after.set(bytes, before.length);
    this.#place.contents = after;
  }

  async remove(): Promise<void> {
    this.#checkHeld();
    this.#place.contents = null;
  }

  async close(): Promise<void> {
    if (this.#place.holder === this) this.#place.holder = null;
  }

  #checkHeld(): void {
    if (this.#place.holder !== this) throw new TransferLockedError(holder, false);
  }
}
