import { fileJournals, stateDirOfUser } from "@img/node-fs";
import {
  forgetJournal,
  planParts,
  readJournal,
  type JournalStore,
  type LockHolder,
  type StoredJournal,
  type Transfer,
} from "@img/transfer";
import { formatShare } from "./bytes.js";
import { configPath, readConfig } from "./config-file.js";
import { formatAge } from "./durations.js";
import { printEvent, printText, type OutputFlags } from "./output.js";
import { tableLines } from "./table.js";
import type { ForgetFlags } from "./transfers-command.js";
import { UsageError } from "./usage-error.js";

/** An upload that is not finished, as its journal tells it. */
interface Unfinished {
  readonly name: string;
  readonly server: string;
  /** `damaged` where the journal cannot be read. */
  readonly at: string;
  readonly from: string | null;
  readonly imageId: string | null;
  readonly sizeBytes: number | null;
  readonly doneBytes: number;
  readonly beganAtSec: number | null;
  /** Why its last run ended. */
  readonly stopped: string | null;
  readonly holder: LockHolder | null;
}

/** Prints the uploads that can go on. */
export async function listTransfers(flags: OutputFlags): Promise<void> {
  const journals = await (await openStore()).list();
  const unfinished = journals.map(tell).sort((a, b) => a.name.localeCompare(b.name));
  for (const one of unfinished) printEvent(flags, one);
  if (unfinished.length === 0) printText(flags, "No upload is unfinished.");
  else for (const line of tableLines(header, unfinished.map(rowOf))) printText(flags, line);
}

/**
 * Forgets one upload. The image that it began stays on the service.
 *
 * @throws {UsageError} There is none of this name, or there are several.
 */
export async function forgetTransfer(name: string, flags: ForgetFlags): Promise<void> {
  const store = await openStore();
  const known = (await store.list()).filter(
    ({ key }) =>
      key.name === name && (flags.server === undefined || sameServer(key.server, flags.server)),
  );
  const [journal, ...others] = known;
  if (journal === undefined) throw new NoSuchTransferError(name);
  if (others.length > 0) {
    const servers = known.map(({ key }) => key.server).join(", ");
    throw new UsageError(`${name} is unfinished on several services.`, `Say --server: ${servers}`);
  }
  const { imageId } = tell(journal);
  await forgetJournal(store, journal.key, { force: flags.force ?? false });
  printEvent(flags, { event: "forgotten", name, imageId });
  printText(flags, `Forgot the upload of ${name}.`);
  if (imageId !== null)
    printText(flags, `Its image stays; to delete it too: img delete ${imageId}`);
}

class NoSuchTransferError extends Error {
  readonly code = "TRANSFER_NOT_FOUND";
  constructor(name: string) {
    super(`No upload of "${name}" is unfinished here.`);
  }
}

async function openStore(): Promise<JournalStore> {
  const { stateDir } = await readConfig(configPath(process.env));
  return fileJournals(stateDir ?? stateDirOfUser());
}

const sameServer = (a: string, b: string): boolean =>
  a.replace(/\/+$/, "") === b.replace(/\/+$/, "");

function tell({ key, contents, holder }: StoredJournal): Unfinished {
  const state = readState(contents);
  const { name, server } = key;
  if (state === null || state.at === "nothing") {
    const at = state === null ? "damaged" : "nothing";
    const nothing = { from: null, imageId: null, sizeBytes: null, beganAtSec: null, stopped: null };
    return { name, server, at, ...nothing, doneBytes: 0, holder };
  }
  const { sizeBytes, beganAtSec } = state.begin;
  return {
    name,
    server,
    at: state.at,
    from: state.at === "downloading" ? state.begin.to : state.from,
    imageId: "imageId" in state ? state.imageId : null,
    sizeBytes,
    doneBytes: doneBytesOf(state),
    beganAtSec,
    stopped: state.stopped?.code ?? null,
    holder,
  };
}

/** A journal that is damaged is listed too: forgetting it is what helps. */
function readState(contents: Uint8Array): Transfer | null {
  try {
    return readJournal(contents);
  } catch {
    return null;
  }
}

function doneBytesOf(state: Exclude<Transfer, { at: "nothing" }>): number {
  if (!("receipts" in state)) return state.at === "completed" ? state.begin.sizeBytes : 0;
  const parts = planParts(state.begin.sizeBytes, state.begin.partBytes);
  return [...state.receipts.keys()].reduce((sum, part) => sum + parts[part - 1]!.lengthBytes, 0);
}

const header = ["NAME", "ARRIVED", "BEGUN", "STATE", "FROM"];

function rowOf(one: Unfinished): string[] {
  const { name, sizeBytes, doneBytes, beganAtSec, holder, at, stopped, from } = one;
  const arrived = sizeBytes === null ? "-" : formatShare(doneBytes, sizeBytes);
  const begun = beganAtSec === null ? "-" : formatAge(Date.now() / 1000 - beganAtSec);
  const state = holder === null ? stoppedText(at, stopped) : `running, process ${holder.pid}`;
  return [name, arrived, begun, state, from ?? "-"];
}

function stoppedText(at: string, code: string | null): string {
  if (at === "damaged") return at;
  return code === null ? "stopped" : `stopped (${code})`;
}
