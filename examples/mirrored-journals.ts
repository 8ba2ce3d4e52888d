// A store of journals of one's own: those of this disk, with a copy elsewhere that another machine reads.
// It wraps a store that keeps the promises (locking, syncing, replacing at once), and adds one thing.
import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { JournalFile, JournalKey, JournalStore } from "@img/transfer";

/**
 * Makes the store.
 *
 * @param here The store in which journals are kept and locked.
 * @param folder The folder to which each change is copied, for example on a network share. The copy may lag
 * behind by one change: parts without a receipt are sent again.
 */
export function mirroredJournals(here: JournalStore, folder: string): JournalStore {
  return {
    open: async (key, options) =>
      new MirroredJournal(await here.open(key, options), copyOf(folder, key)),
    list: (options) => here.list(options),
  };
}

function copyOf(folder: string, { kind, server, workspace, name }: JournalKey): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([kind, server, workspace, name]))
    .digest("hex");
  return join(folder, `${hash.slice(0, 32)}.journal`);
}

class MirroredJournal implements JournalFile {
  readonly #here: JournalFile;
  readonly #copy: string;

  constructor(here: JournalFile, copy: string) {
    this.#here = here;
    this.#copy = copy;
  }

  /** Reads this disk's journal; if there is none, the copy, since another machine began the upload. */
  async read(): Promise<Uint8Array> {
    const own = await this.#here.read();
    return own.length > 0 ? own : readFile(this.#copy).catch(() => own);
  }

  async replace(contents: Uint8Array): Promise<void> {
    await this.#here.replace(contents);
    await mkdir(dirname(this.#copy), { recursive: true });
    await writeFile(`${this.#copy}.new`, contents);
    await rename(`${this.#copy}.new`, this.#copy);
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.#here.append(bytes);
    await appendFile(this.#copy, bytes);
  }

  async remove(): Promise<void> {
    await rm(this.#copy, { force: true });
    await this.#here.remove();
  }

  close(): Promise<void> {
    return this.#here.close();
  }
}
