import type { JournalRecord } from "../journal/record.js";
import type { Upload } from "../journal/state.js";
import type { AnySource } from "../ports.js";
import type { UploadContext } from "./upload-context.js";

/** How the file of a source encodes its bytes. */
export const formatOf = ({ format = "raw" }: AnySource): string => format;

/** The journal record that says: the same bytes now have this metadata. */
export const sourceRecord = (source: AnySource): JournalRecord => {
  const { identity, label: from } = source;
  return { type: "source", identity, from, format: formatOf(source) };
};

/** Whether a source has the metadata that the journal knows, and is read in the same format. */
export function sameIdentity(source: AnySource, upload: Upload): boolean {
  const before = Object.entries(upload.identity);
  return (
    formatOf(source) === upload.format &&
    before.length === Object.keys(source.identity).length &&
    before.every(([key, value]) => source.identity[key] === value)
  );
}

/** Whether the source of an upload has the metadata that its journal knows. */
export function isSameSource({ journal: { state }, source }: UploadContext): boolean {
  return state.at !== "nothing" && state.at !== "downloading" && sameIdentity(source, state);
}
