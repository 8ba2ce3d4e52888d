import { openJournal, type Journal } from "../journal/journal.js";
import { receiptsOf, sizeOf } from "../journal/state.js";
import { planParts } from "../plan.js";
import type { JournalKey, JournalStore } from "../ports.js";
import type { Run } from "./run.js";

/**
 * Does a run's work under the lock of its journal. Progress shows the parts in the journal from the start. If
 * the run fails, the journal notes why, for the list of unfinished transfers.
 */
export async function withJournal<T>(
  run: Run,
  journals: JournalStore,
  key: JournalKey,
  work: (journal: Journal) => Promise<T>,
): Promise<T> {
  const journal = await openJournal(journals, key, run.options);
  tellKeptParts(run, journal);
  try {
    return await work(journal);
  } catch (error) {
    await noteWhyStopped(journal, run, error);
    throw error;
  } finally {
    await journal.close();
  }
}

/** Shows the parts that the journal has, also if the run ends before anything moves. */
function tellKeptParts(run: Run, { state }: Journal): void {
  if (!("receipts" in state) && state.at !== "completed") return;
  const { partBytes } = state.begin;
  const sizeBytes = sizeOf(state);
  if (sizeBytes === null) {
    run.meter.planStream(receiptsOf(state), partBytes);
    return;
  }
  const parts = planParts(sizeBytes, partBytes);
  const all = new Map(parts.map(({ number }) => [number, null]));
  run.meter.plan(parts, state.at === "completed" ? all : state.receipts);
}

async function noteWhyStopped(journal: Journal, run: Run, error: unknown): Promise<void> {
  if (journal.state.at === "nothing" || journal.state.at === "completed") return;
  const atSec = Math.floor(run.clock.wallMs() / 1000);
  const record = { type: "stopped", code: codeOf(run, error), atSec } as const;
  // The caller gets the error itself; a note that cannot be written is no second error.
  await journal.append(record).catch(() => undefined);
}

function codeOf(run: Run, error: unknown): string {
  if (run.options.signal.aborted) return "ABORTED";
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : "UNEXPECTED";
}
