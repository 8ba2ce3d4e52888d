import type { Upload } from "../journal/state.js";
import type { SequentialSource, Source } from "../ports.js";
import { formatOf } from "./begin.js";
import type { UploadContext } from "./upload-context.js";

/** Whether a source has the metadata that the journal knows, and is read in the same format. */
export function sameIdentity(source: Source | SequentialSource, upload: Upload): boolean {
  const before = Object.entries(upload.identity);
  return (
    formatOf(source) === upload.format &&
    before.length === Object.keys(source.identity).length &&
    before.every(([key, value]) => source.identity[key] === value)
  );
}

/** Whether the source has the metadata that this upload's journal knows. */
export function isSameSource({
  journal,
  source,
}: Pick<UploadContext, "journal" | "source">): boolean {
  const { state } = journal;
  return state.at !== "nothing" && state.at !== "downloading" && sameIdentity(source, state);
}
