import type { JournalRecord } from "../journal/record.js";
import type { Receipts } from "../journal/state.js";
import type { Part } from "../plan.js";
import type { SavedDigest } from "../ports.js";

/**
 * Returns the saved state if a run can resume from it, else null: it must end where a part ends, and every part
 * before must have a receipt. A part without a receipt could be sent again with other bytes than those that
 * were hashed.
 */
export function usableDigest(
  saved: SavedDigest | null,
  parts: readonly Part[],
  receipts: Receipts,
): SavedDigest | null {
  if (saved === null) return null;
  for (const part of parts) {
    if (part.offset === saved.positionBytes) return saved;
    if (!receipts.has(part.number)) return null;
  }
  return lastByte(parts) === saved.positionBytes ? saved : null;
}

const lastByte = (parts: readonly Part[]): number => {
  const last = parts.at(-1);
  return last === undefined ? 0 : last.offset + last.lengthBytes;
};

/** Holds a digest's states back until every part before them has its receipt in the journal. */
export class SavedDigests {
  readonly #parts: readonly Part[];
  readonly #receipts: Set<number>;
  /** How many parts have a receipt, from the first on without a gap. */
  #whole = 0;
  #waiting: SavedDigest[] = [];

  constructor(parts: readonly Part[], receipts: Receipts) {
    this.#parts = parts;
    this.#receipts = new Set(receipts.keys());
  }

  saved(saved: SavedDigest): void {
    this.#waiting.push(saved);
  }

  receipted(part: Part): void {
    this.#receipts.add(part.number);
  }

  /** Returns the latest state that may be written now, as a record. Drops those before it. */
  take(): (JournalRecord & { type: "digest" })[] {
    while (this.#receipts.has(this.#whole + 1)) this.#whole++;
    const part = this.#parts[this.#whole - 1];
    const reached = part === undefined ? 0 : part.offset + part.lengthBytes;
    const due = this.#waiting.filter(({ positionBytes }) => positionBytes <= reached).at(-1);
    if (due === undefined) return [];
    this.#waiting = this.#waiting.filter(({ positionBytes }) => positionBytes > due.positionBytes);
    return [{ type: "digest", ...due }];
  }
}
