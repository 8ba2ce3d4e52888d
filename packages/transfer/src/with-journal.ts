import type { Journal } from "./journal/journal.js";
import type { Run } from "./run.js";

/** Leaves word in the journal why this run ended, for whoever lists unfinished transfers. */
export async function noteWhyStopped(journal: Journal, run: Run, error: unknown): Promise<void> {
  if (journal.state.at === "nothing" || journal.state.at === "completed") return;
  const atSec = Math.floor(run.clock.wallMs() / 1000);
  const record = { type: "stopped", code: codeOf(run, error), atSec } as const;
  // The error itself is on its way to the caller; this note is not worth another one.
  await journal.append(record).catch(() => undefined);
}

function codeOf(run: Run, error: unknown): string {
  if (run.options.signal.aborted) return "ABORTED";
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : "UNEXPECTED";
}
