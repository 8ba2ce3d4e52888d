import { doneText } from "./transfer-text.js";
import type { Transfer } from "./transfer.js";

/** What became of a transfer of an image a moment ago, for the row of that image. */
export interface RowNews {
  /** The image's. */
  readonly id: string;
  readonly text: string;
  /** What speaks against booting it. */
  readonly findings: readonly string[];
}

/** @throws The transfer is not done. */
export function newsOf({ state, task, inspected }: Transfer): RowNews {
  if (state.at !== "done") throw new Error("bug: there are news of what is done only");
  const findings = (inspected?.findings ?? []).map(({ message }) => message);
  return { id: state.imageId, text: doneText(state, task.kind), findings };
}
