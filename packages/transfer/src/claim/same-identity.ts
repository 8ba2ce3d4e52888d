import type { Upload } from "../journal/state.js";
import type { Source } from "../ports.js";
import { formatOf } from "./begin.js";

/** Whether a source has the metadata that the journal knows, and is read in the same format. */
export function sameIdentity(source: Source, upload: Upload): boolean {
  const before = Object.entries(upload.identity);
  return (
    formatOf(source) === upload.format &&
    before.length === Object.keys(source.identity).length &&
    before.every(([key, value]) => source.identity[key] === value)
  );
}
