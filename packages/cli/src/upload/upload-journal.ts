import { SfcCore } from "@img/core/core.js";
import { fileJournals, stateDirOfUser } from "@img/node-fs";
import { describeJournal, readJournal, type LockHolder, type StoredJournal } from "@img/transfer";
import type { Session } from "../transfers/session.js";

/** An upload that an earlier run has begun and not finished. */
export interface Unfinished {
  readonly imageId: string | null;
  readonly partsDone: number;
  readonly doneBytes: number;
  readonly partBytes: number;
  readonly holder: LockHolder | null;
}

/** Finds the journal of an upload of this name, to the session's server and workspace. */
export async function journalOf(
  { client, settings }: Pick<Session, "client" | "settings">,
  name: string,
): Promise<StoredJournal | null> {
  const server = SfcCore.optionsOf(client).baseURL?.href;
  const workspace = client.workspace ?? null;
  const isIts = ({ key }: StoredJournal): boolean =>
    key.kind === "upload" &&
    key.name === name &&
    key.server === server &&
    key.workspace === workspace;
  const stateDir = settings.file.stateDir ?? stateDirOfUser();
  return (await fileJournals(stateDir).list()).find(isIts) ?? null;
}

/** Whether an upload of this name can be resumed. */
export const isUnfinished = async (
  session: Pick<Session, "client" | "settings">,
  name: string,
): Promise<boolean> => unfinishedIn(await journalOf(session, name)) !== null;

/** Returns the unfinished upload that a journal is of; null if there is none. */
export function unfinishedIn(stored: StoredJournal | null): Unfinished | null {
  if (stored === null) return null;
  const state = readJournal(stored.contents);
  if (state.at === "nothing" || state.at === "downloading" || state.at === "completed") return null;
  const { imageId, partsDone, doneBytes } = describeJournal(stored);
  const { partBytes } = state.begin;
  return { imageId, partsDone, doneBytes, partBytes, holder: stored.holder };
}

/** Returns the image that the journal proves to be uploaded. */
export function completedIn(stored: StoredJournal | null): string | null {
  const state = stored === null ? null : readJournal(stored.contents);
  return state?.at === "completed" ? state.imageId : null;
}
