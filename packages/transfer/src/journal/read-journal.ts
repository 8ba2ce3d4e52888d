import { coding } from "./codec.js";
import { decode, type Decoded } from "./decode.js";
import { replay } from "./replay.js";
import type { Transfer } from "./state.js";

/**
 * Decodes the intact part of a journal.
 *
 * @throws {JournalCorruptError} It is damaged before an offset that a later line says was synced, or a whole
 *   line says what its version does not say.
 * @throws {JournalVersionError} A newer version wrote it.
 */
export const decodeJournal = (bytes: Uint8Array): Decoded => decode(bytes, coding);

/**
 * Returns the state that the contents of a journal describe. For lists: nothing is locked or written.
 *
 * @throws {JournalCorruptError} It is damaged where it was synced.
 * @throws {JournalVersionError} A newer version wrote it.
 */
export function readJournal(contents: Uint8Array): Transfer {
  return replay(decodeJournal(contents).records);
}
