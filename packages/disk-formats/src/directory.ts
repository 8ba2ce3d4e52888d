import type { ImageFile } from "./image-file.js";
import type { Entries, Table, Tables } from "./tables.js";

/**
 * Checks that the tables of a two-level map fit into their file all together. Otherwise, an image whose
 * directory names one table many times would take forever to read.
 *
 * @param isTable Whether the directory's entry at this index names a table.
 */
export async function checkDirectory(
  file: ImageFile,
  tables: Tables,
  directory: Table,
  tableBytes: number,
  isTable: (entries: Entries, index: number) => boolean,
  signal: AbortSignal,
): Promise<void> {
  let found = 0;
  for (let index = 0; index < directory.entries;) {
    signal.throwIfAborted();
    const entries = await tables.entries(directory, index, signal);
    for (let each = 0; each < entries.count; each += 1) if (isTable(entries, each)) found += 1;
    index += entries.count;
  }
  if (found * tableBytes > file.sizeBytes) {
    throw file.damaged(
      `its ${directory.what} names ${found} tables of ${tableBytes} bytes, more than the file can hold`,
    );
  }
}
