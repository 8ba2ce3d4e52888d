import { posix } from "node:path";
import type { JournalKey } from "@img/transfer";
import type { Journal } from "../../../transfer/src/journal/journal.js";
import { openJournal } from "../../../transfer/src/journal/journal.js";
import type { JournalRecord } from "../../../transfer/src/journal/record.js";
import { applyRecord } from "../../../transfer/src/journal/replay.js";
import { nothing, type Transfer } from "../../../transfer/src/journal/state.js";
import type { FileSystem } from "@img/files";
import { fileJournals } from "../journals/journal-store.js";
import type { World } from "../../../files/src/crash-test/scenario.js";
import { Violation } from "../../../files/src/crash-test/scenario.js";

export const key: JournalKey = {
  kind: "upload",
  server: "https://api.test",
  workspace: null,
  name: "debian",
};

/** The states that a journal may be in: the last that is certain, and those that were asked for since. */
export interface JournalHistory {
  certain: Transfer;
  readonly asked: Transfer[];
  /** All that ever were asked for, where an older state may come back. */
  readonly all?: Transfer[];
}

const tellings = new WeakMap<Transfer, string>();

/** A state in a form that can be compared. */
export function told(state: Transfer): string {
  const known = tellings.get(state);
  if (known !== undefined) return known;
  const telling = JSON.stringify(state, (_, value: unknown) =>
    value instanceof Map ? [...(value as Map<unknown, unknown>)] : value,
  );
  tellings.set(state, telling);
  return telling;
}

/** In a new process: what is found is certain, or was asked for since, and can be written to. */
export async function recover(
  { fs, process, sound }: World,
  history: JournalHistory,
  folderOf: string,
): Promise<void> {
  const store = fileJournals(folderOf, fs, process);
  const journal = await openJournal(store, key, { force: false });
  const found = journal.state;
  const older = history.all === undefined ? [] : [nothing, ...history.all];
  const allowed = [history.certain, ...history.asked, ...older];
  if (!allowed.some((state) => told(state) === told(found))) {
    throw new Violation(`found ${told(found)}, not one of ${allowed.map(told).join(" ")}`);
  }
  history.asked.length = 0;
  history.certain = found;
  if (found.at !== "nothing") await goOn(journal, history);
  await journal.close();
  if (sound) await checkNothingElseIsLeft(fs, found, folderOf);
}

/** What was recovered can be written to. */
async function goOn(journal: Journal, history: JournalHistory): Promise<void> {
  const { state } = journal;
  const atSec = state.at === "nothing" ? 0 : (state.stopped?.atSec ?? 0) + 1;
  const record: JournalRecord = { type: "stopped", code: "CRASHED", atSec };
  const after = applyRecord(state, record);
  history.asked.push(after);
  history.all?.push(after);
  await journal.append(record);
  history.asked.length = 0;
  history.certain = after;
}

async function checkNothingElseIsLeft(
  fs: FileSystem,
  found: Transfer,
  folderOf: string,
): Promise<void> {
  const names = await fs.readdir(folderOf);
  const others = names.filter((name) => posix.extname(name) !== ".journal");
  if (others.length > 0) throw new Violation(`left behind: ${others.join(", ")}`);
  if (names.length > 1 || (found.at !== "nothing" && names.length === 0)) {
    throw new Violation(`in the folder: ${names.join(", ")}`);
  }
}
