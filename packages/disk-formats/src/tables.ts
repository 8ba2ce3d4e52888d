import { Fields } from "./fields.js";
import type { ImageFile } from "./image-file.js";
import { RecentBytes } from "./recent-bytes.js";

/** A table in the file, whose entries have equal lengths. */
export interface Table {
  /** Its name in messages. */
  readonly what: string;
  readonly offset: number;
  readonly entryBytes: number;
  readonly entries: number;
}

/** The entries of a table that were read in one page. */
export interface Entries {
  readonly fields: Fields;
  /** Where the first one is in `fields`. */
  readonly start: number;
  /** Their number, at least 1. */
  readonly count: number;
}

/** The size of a page. A table is read in pages, so that a large one costs no more memory than a small one. */
const pageBytes = 64 * 1024;

/**
 * The memory for pages. The tables of a 128 GiB disk with clusters of 64 KiB are 16 MiB; reading in order needs
 * few pages.
 */
const mostBytes = 4 * 1024 * 1024;

/** Reads the tables of an image when they are needed, and keeps the last pages. */
export class Tables {
  readonly #file: ImageFile;
  readonly #order: "little" | "big";
  readonly #pages = new RecentBytes(mostBytes);

  constructor(file: ImageFile, order: "little" | "big") {
    this.#file = file;
    this.#order = order;
  }

  /** Returns the entries from `index` to the end of their page. */
  async entries(table: Table, index: number, signal: AbortSignal): Promise<Entries> {
    const at = index * table.entryBytes;
    const pageAt = at - (at % pageBytes);
    const lengthBytes = Math.min(pageBytes, table.entries * table.entryBytes - pageAt);
    const bytes = await this.#page(table.what, table.offset + pageAt, lengthBytes, signal);
    const count = (lengthBytes - (at - pageAt)) / table.entryBytes;
    return { fields: new Fields(bytes, this.#order), start: at - pageAt, count };
  }

  // Two readers that need the same page both read it: one of them could not abort a shared read.
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
