import { readJournal, type JournalStore } from "@img/transfer";
import { expect, vi } from "vitest";

/** Waits until the only journal in a folder has so many receipts. */
export async function receiptsIn(journals: JournalStore, count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const [journal] = await journals.list();
      const state = readJournal(journal?.contents ?? new Uint8Array());
      expect("receipts" in state ? state.receipts.size : 0).toBe(count);
    },
    { timeout: 40_000, interval: 10 },
  );
}
