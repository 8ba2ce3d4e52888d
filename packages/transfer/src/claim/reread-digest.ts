import { planParts, partBytesFor } from "../plan.js";
import type { AnySource } from "../ports.js";
import { enterPhase, verifyingRun, type Run } from "../run/run.js";
import { digestOfSource } from "../digest/source-digest.js";

/** Reads the whole source again for its SHA-256, and shows that as the phase "rereading". */
export async function rereadDigest(run: Run, source: AnySource): Promise<string> {
  const { shown, options } = run;
  const before = shown.meter;
  const { meter } = verifyingRun(run);
  const { sizeBytes } = source;
  if (sizeBytes === null) meter.planStream();
  else
    meter.plan(planParts(sizeBytes, partBytesFor(sizeBytes, options.wantedPartBytes)), new Map());
  enterPhase(run, "rereading");
  try {
    const { sha256 } = await digestOfSource(run, source, (part) => {
      if (sizeBytes === null) meter.grow(part);
      meter.arrived(part);
    });
    return sha256;
  } finally {
    shown.meter = before;
  }
}
