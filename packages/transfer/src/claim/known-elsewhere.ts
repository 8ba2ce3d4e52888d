import { readJournal } from "../journal/journal.js";
import type { JournalKey, StoredJournal } from "../ports.js";
import type { UploadContext } from "./upload-context.js";

/**
 * The unfinished upload of this very image under another server URL or workspace: the same service by
 * another name. For a message only.
 */
export async function knownElsewhere(
  { run, server, name, options }: UploadContext,
  imageId: string,
): Promise<JournalKey | null> {
  // What cannot be listed is no reason to tell another error.
  const all = await run.platform.journals.list().catch(() => []);
  const other = all.find((stored) => {
    const { key } = stored;
    const isOurs = key.server === server && key.workspace === options.workspace;
    return key.kind === "upload" && key.name === name && !isOurs && imageIn(stored) === imageId;
  });
  return other?.key ?? null;
}

/** Of an upload that can be resumed. */
function imageIn({ contents }: StoredJournal): string | null {
  try {
    const state = readJournal(contents);
    return state.at === "started" || state.at === "completing" ? state.imageId : null;
  } catch {
    return null; // a damaged one is told of where it is listed
  }
}
