import type { PartCounts } from "./parts-map.js";
import { diskText, doneText, runningText } from "./transfer-text.js";
import type { Transfer } from "./transfer.js";
import { bytes } from "./words.js";

/** The counts of a transfer. */
export interface Counts {
  readonly movedBytes: number;
  readonly sizeBytes: number;
  readonly parts: PartCounts;
}

export function countsOf({ state, progress, known }: Transfer): Counts {
  if (state.at === "done" || state.at === "kept") {
    const { sizeBytes } = state;
    const total = progress?.partsTotal ?? 1;
    return { movedBytes: sizeBytes, sizeBytes, parts: { done: total, underWay: 0, total } };
  }
  const isRunning = state.at === "running";
  const { doneBytes = 0, sizeBytes = 0, partsDone = 0, partsTotal = 0 } = progress ?? known ?? {};
  const { inFlightBytes = 0, partsInFlight = 0 } = (isRunning ? progress : null) ?? {};
  return {
    movedBytes: doneBytes + inFlightBytes,
    sizeBytes,
    parts: { done: partsDone, underWay: partsInFlight, total: partsTotal },
  };
}

/** Describes a transfer in one or two lines. */
export function factsOf(transfer: Transfer): string {
  const { state, progress, task, inspected } = transfer;
  const { movedBytes, sizeBytes } = countsOf(transfer);
  if (state.at === "done") return doneText(state, task.kind);
  if (state.at === "kept") return `${bytes(sizeBytes)} · verified, kept in this browser`;
  if (state.at === "checking") return "Looking at the file…";
  const what = inspected === null ? "" : inspectedText(transfer);
  if (sizeBytes === 0) return what;
  const moved = `${bytes(movedBytes)} of ${bytes(sizeBytes)}`;
  const now =
    state.at === "running" && progress !== null ? runningText(moved, progress, task.kind) : moved;
  return inspected?.disk == null ? now : `${now}\n${what}`;
}

function inspectedText({ inspected, task, state }: Transfer): string {
  if (inspected === null || task.kind === "download") return "";
  const { disk, sizeBytes } = inspected;
  const size = disk === null ? bytes(sizeBytes) : diskText(disk);
  const file = task.image?.name ?? task.name;
  return state.at === "ready" && file !== task.name ? `${size} · from ${file}` : size;
}
