import { kept } from "../promises/kept.js";
import type { Journal } from "../journal/journal.js";
import type { SavedDigests } from "../digest/saved-digest.js";
import type { Part } from "../plan.js";
import type { SavedDigest } from "../ports.js";

/** What an upload has reached, on its way into the journal: no digest's state is ahead of its parts' receipts. */
export class ReceiptLog {
  readonly #journal: Journal;
  readonly #states: SavedDigests;
  #written: Promise<void> = Promise.resolve();

  constructor(journal: Journal, states: SavedDigests) {
    this.#journal = journal;
    this.#states = states;
  }

  /** A part has arrived. Resolves when the receipt is durable. @throws {JournalIoError} */
  async receipt(part: Part, crc32: number, etag: string): Promise<void> {
    const written = kept(this.#journal.append({ type: "receipt", part: part.number, crc32, etag }));
    this.#states.receipted(part);
    this.#appendState();
    await written;
  }

  /** The end of an input of unknown size has been read. Resolves when that is durable. @throws {JournalIoError} */
  async size(sizeBytes: number): Promise<void> {
    await this.#journal.append({ type: "size", sizeBytes });
  }

  /** The digest has got so far. */
  saved(state: SavedDigest): void {
    this.#states.saved(state);
    this.#appendState();
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#written]);
  }

  #appendState(): void {
    for (const record of this.#states.take()) {
      // A journal that cannot be written ends the run elsewhere too.
      this.#written = kept(this.#journal.append(record));
    }
  }
}
