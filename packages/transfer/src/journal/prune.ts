import type { JournalStore, StoredJournal } from "../ports.js";
import { loadDecoder } from "./codec.js";
import { openJournal } from "./journal.js";
import { replay } from "./replay.js";
import type { Transfer } from "./state.js";

/** How long the journal of a completed upload is kept, as the proof of what was uploaded. */
const keptSec = 7 * 86_400;

/** Deletes the journals of uploads that were completed long ago. One that cannot be deleted is left for a later run. */
export async function pruneCompleted(store: JournalStore, nowSec: number): Promise<void> {
  const beforeSec = nowSec - keptSec;
  const old = await store.list({ writtenBeforeSec: beforeSec }).catch(() => []);
  for (const journal of old) await pruneIfOver(store, journal, beforeSec).catch(() => undefined);
}

/** Deletes one journal, under its lock: another process may have begun a new upload since it was listed. */
async function pruneIfOver(
  store: JournalStore,
  { key, contents, holder }: StoredJournal,
  beforeSec: number,
): Promise<void> {
  if (holder !== null) return;
  const decode = await loadDecoder();
  // A damaged one throws: it is reported where journals are listed.
  if (!wasCompletedBefore(replay(decode(contents).records), beforeSec)) return;
  const journal = await openJournal(store, key, { force: false });
  try {
    if (wasCompletedBefore(journal.state, beforeSec)) await journal.remove();
  } finally {
    await journal.close();
  }
}

const wasCompletedBefore = (state: Transfer, beforeSec: number): boolean =>
  state.at === "completed" && state.atSec < beforeSec;
