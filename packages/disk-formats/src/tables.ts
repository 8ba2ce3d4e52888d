import { Fields } from "./fields.js";
import type { ImageFile } from "./image-file.js";
import { RecentBytes } from "./recent-bytes.js";

/** Where a table of equally long entries lies in the file. */
export interface Table {
  /** For messages. */
  readonly what: string;
  readonly offset: number;
  readonly entryBytes: number;
  readonly entries: number;
}

/** Entries of a table, as far as they were read at once. */
export interface Entries {
  readonly fields: Fields;
  /** Where the first one begins in `fields`. */
  readonly start: number;
  /** How many there are, at least 1. */
  readonly count: number;
}

/** A table is read in pages of this size, so that a large one costs no more memory than a small one. */
const pageBytes = 64 * 1024;

/** The tables of all of a 128 GiB disk in clusters of 64 KiB are 16 MiB; read in order, few pages are enough. */
const mostBytes = 4 * 1024 * 1024;

/** Reads the tables of an image as they are needed, and keeps some of them. */
export class Tables {
  readonly #file: ImageFile;
  readonly #order: "little" | "big";
  readonly #pages = new RecentBytes(mostBytes);

  constructor(file: ImageFile, order: "little" | "big") {
    this.#file = file;
    this.#order = order;
  }

  /** The entries from `index` to the end of their page. */
  async entries(table: Table, index: number, signal: AbortSignal): Promise<Entries> {
    const at = index * table.entryBytes;
    const pageAt = at - (at % pageBytes);
    const lengthBytes = Math.min(pageBytes, table.entries * table.entryBytes - pageAt);
    const bytes = await this.#page(table.what, table.offset + pageAt, lengthBytes, signal);
    const count = (lengthBytes - (at - pageAt)) / table.entryBytes;
    return { fields: new Fields(bytes, this.#order), start: at - pageAt, count };
  }

  // Two readers that miss the same page both read it: a shared read could not be aborted by one of them.
  async #page(
    what: string,
    offset: number,
    lengthBytes: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const kept = this.#pages.get(offset);
    if (kept !== undefined && kept.length >= lengthBytes) return kept;
    const read = await this.#file.bytes(what, offset, lengthBytes, signal);
    this.#pages.set(offset, read);
    return read;
  }
}
