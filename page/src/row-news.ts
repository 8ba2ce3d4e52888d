import { doneText } from "./transfer-text.js";
import type { Transfer } from "./transfer.js";

/** The result of a recent transfer, for the row of its image. */
export interface RowNews {
  /** The image's id. */
  readonly id: string;
  readonly text: string;
  /** The problems that may keep the disk from booting. */
  readonly findings: readonly string[];
}

/** Returns the result of a transfer. @throws The transfer is not done. */
export function newsOf({ state, task, inspected }: Transfer): RowNews {
  if (state.at !== "done") throw new Error("bug: there are news of what is done only");
  const findings = (inspected?.findings ?? []).map(({ message }) => message);
  return { id: state.imageId, text: doneText(state, task.kind), findings };
}
