import { readJournal } from "../journal/journal.js";
import type { JournalKey, StoredJournal } from "../ports.js";
import type { UploadContext } from "./upload-context.js";

/**
 * Finds an unfinished upload of this image that was begun with another server URL or workspace. Only used in a
 * message: the service may have two names.
 */
export async function knownElsewhere(
  { run, server, name, options }: UploadContext,
  imageId: string,
): Promise<JournalKey | null> {
  // If journals cannot be listed, the error about the name is still the one to show.
  const all = await run.platform.journals.list().catch(() => []);
  const other = all.find((stored) => {
    const { key } = stored;
    const isOurs = key.server === server && key.workspace === options.workspace;
    return key.kind === "upload" && key.name === name && !isOurs && imageIn(stored) === imageId;
  });
  return other?.key ?? null;
}

/** The image of a journal, if its upload can be resumed. */
function imageIn({ contents }: StoredJournal): string | null {
  try {
    const state = readJournal(contents);
    return state.at === "started" || state.at === "completing" ? state.imageId : null;
  } catch {
    return null; // `img transfers` reports damaged journals
  }
}
