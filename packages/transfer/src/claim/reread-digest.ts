import { partBytesFor, planParts } from "../plan.js";
import type { Source } from "../ports.js";
import { enterPhase, verifyingRun, type Run } from "../run/run.js";
import { digestOfSource } from "../digest/source-digest.js";

/** The SHA-256 of a source that is read once more, as a phase of its own. */
export async function rereadDigest(run: Run, source: Source): Promise<string> {
  const { shown, options } = run;
  const before = shown.meter;
  const { meter } = verifyingRun(run);
  const { sizeBytes } = source;
  meter.plan(planParts(sizeBytes, partBytesFor(sizeBytes, options.wantedPartBytes)), new Map());
  enterPhase(run, "rereading");
  try {
    return await digestOfSource(run, source, (part) => meter.arrived(part));
  } finally {
    shown.meter = before;
  }
}
