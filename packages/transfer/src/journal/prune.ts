import type { JournalStore, StoredJournal } from "../ports.js";
import { openJournal, readJournal } from "./journal.js";
import type { Transfer } from "./state.js";

/** How long the journal of a completed upload is kept, as the proof of what was uploaded. */
const keptSec = 7 * 86_400;

/** Deletes the journals of uploads that were completed long ago. One that cannot be deleted is left for a later run. */
export async function pruneCompleted(store: JournalStore, nowSec: number): Promise<void> {
  const beforeSec = nowSec - keptSec;
  const old = await store.list({ writtenBeforeSec: beforeSec }).catch(() => []);
  for (const journal of old) {
    if (isOver(journal, beforeSec)) await prune(store, journal, beforeSec).catch(() => undefined);
  }
}

/** Deletes one journal, under its lock: another process may have begun a new upload since it was listed. */
async function prune(
  store: JournalStore,
  { key }: StoredJournal,
  beforeSec: number,
): Promise<void> {
  const journal = await openJournal(store, key, { force: false });
  try {
    if (wasCompletedBefore(journal.state, beforeSec)) await journal.remove();
  } finally {
    await journal.close();
  }
}

function isOver({ contents, holder }: StoredJournal, beforeSec: number): boolean {
  try {
    return holder === null && wasCompletedBefore(readJournal(contents), beforeSec);
  } catch {
    return false; // a damaged one is reported where journals are listed
  }
}

const wasCompletedBefore = (state: Transfer, beforeSec: number): boolean =>
  state.at === "completed" && state.atSec < beforeSec;
