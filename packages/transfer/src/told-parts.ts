import type { Journal } from "./journal/journal.js";
import { planParts } from "./plan.js";
import type { Run } from "./run.js";

/** Tells the parts that the journal has, also where a run ends before it moves or looks at anything. */
export function tellKeptParts(run: Run, { state }: Journal): void {
  if (state.at === "nothing" || state.begin.sizeBytes === null) return;
  if (!("receipts" in state) && state.at !== "completed") return;
  const parts = planParts(state.begin.sizeBytes, state.begin.partBytes);
  const all = new Map(parts.map(({ number }) => [number, null]));
  run.meter.plan(parts, "receipts" in state ? state.receipts : all);
}
