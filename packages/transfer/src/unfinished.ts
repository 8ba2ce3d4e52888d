import type { SfcCore } from "@img/core/core.js";
import { Api } from "./service/api.js";
import { forgetJournal, openJournal } from "./journal/journal.js";
import { readJournal } from "./journal/read-journal.js";
import { receiptsOf, sizeOf, type Transfer } from "./journal/state.js";
import { resolveUploadOptions, type TransferOptions } from "./options.js";
import { planParts } from "./plan.js";
import type { JournalKey, LockHolder, Platform, StoredJournal } from "./ports.js";
import { startRun } from "./run/run.js";

/**
 * A key of a source's identity: its label is a URL without what is secret of it, and it cannot be opened again by
 * that alone.
 */
export const leftOut = "leftOut";

/** A transfer that a journal remembers: running in another process, or waiting to be resumed. */
export interface UnfinishedTransfer {
  /** Which transfer it is: upload or download, server, and the image's name. */
  readonly key: JournalKey;
  /** What its journal amounts to; `nothing` if it cannot be read. */
  readonly at: Transfer["at"];
  /** The file that is uploaded or downloaded to, as it was last named; null if the journal tells none. */
  readonly file: string | null;
  /** Whether `file` is a URL whose query or user info no journal keeps: to resume, the whole URL is needed again. */
  readonly needsUrl: boolean;
  /** How the file is read: "raw", or the format of the disk image that it is; null if the journal tells none. */
  readonly format: string | null;
  /** The image's id, once there is one. */
  readonly imageId: string | null;
  /** Of the whole image; 0 until that is known. */
  readonly sizeBytes: number;
  /** Bytes of parts that have a receipt; until the size is known, as if the last one were whole. */
  readonly doneBytes: number;
  /** Parts that have a receipt. */
  readonly partsDone: number;
  /** Parts of the whole image; 0 until its size is known. */
  readonly partsTotal: number;
  /** When its first run began, in Unix seconds; null until something was begun. */
  readonly beganAtSec: number | null;
  /** When it was last heard of: begun, written to, or stopped; null where nothing tells. */
  readonly lastActiveAtSec: number | null;
  /** Why, and when, the last run ended; null if it was killed, or never ended. */
  readonly stopped: {
    /** The error's `code`; "ABORTED" where the caller's signal ended it. */
    readonly code: string;
    /** Unix seconds. */
    readonly atSec: number;
  } | null;
  /** The living process that works on it. */
  readonly holder: LockHolder | null;
  /** What is wrong with the journal; null if it can be resumed. */
  readonly damage: string | null;
}

/**
 * An image that was never completed, and has had no part for so long, the service may have deleted:
 * seven days, as `@img/local-server` does by default.
 */
export const staleAfterSec: number = 7 * 86_400;

/** Whether no process works on a transfer and its unfinished image may be deleted by now. Pure. */
export function isStale(
  { holder, lastActiveAtSec }: Pick<UnfinishedTransfer, "holder" | "lastActiveAtSec">,
  nowSec: number,
): boolean {
  return holder === null && lastActiveAtSec !== null && nowSec - lastActiveAtSec > staleAfterSec;
}

/** What a stored journal says of its transfer. Pure; a damaged one is told of, never thrown. */
export function describeJournal(stored: StoredJournal): UnfinishedTransfer {
  const { key, holder, writtenAtSec = null } = stored;
  const known = { ...unknown, key, holder, lastActiveAtSec: writtenAtSec };
  try {
    const facts = factsOf(readJournal(stored.contents));
    const times = [writtenAtSec, facts.beganAtSec, facts.stopped?.atSec];
    const lastActiveAtSec = Math.max(...times.filter((time) => time != null));
    return { ...known, ...facts, ...(lastActiveAtSec > -Infinity && { lastActiveAtSec }) };
  } catch (error) {
    const damage = error instanceof Error ? error.message : String(error);
    return { ...known, damage };
  }
}

const unknown = {
  at: "nothing",
  file: null,
  needsUrl: false,
  format: null,
  imageId: null,
  sizeBytes: 0,
  doneBytes: 0,
  partsDone: 0,
  partsTotal: 0,
  beganAtSec: null,
  stopped: null,
  damage: null,
} as const;

type Facts = Omit<UnfinishedTransfer, "key" | "holder" | "damage" | "lastActiveAtSec">;

function factsOf(transfer: Transfer): Partial<Facts> {
  if (transfer.at === "nothing") return {};
  const { at, begin, stopped } = transfer;
  const known = { at, beganAtSec: begin.beganAtSec, stopped, ...partsOf(transfer) };
  if (at === "downloading") return { ...known, file: transfer.to, imageId: begin.imageId };
  return {
    ...known,
    file: transfer.from,
    needsUrl: transfer.identity[leftOut] !== undefined,
    format: transfer.format,
    imageId: "imageId" in transfer ? transfer.imageId : null,
  };
}

function partsOf(transfer: Exclude<Transfer, { at: "nothing" }>): Partial<Facts> {
  const { partBytes } = transfer.begin;
  const sizeBytes = sizeOf(transfer);
  const receipts = receiptsOf(transfer);
  const partsDone = receipts.size;
  if (sizeBytes === null) return { doneBytes: partsDone * partBytes, partsDone };
  const parts = planParts(sizeBytes, partBytes);
  const done = parts.filter((part) => transfer.at === "completed" || receipts.has(part.number));
  const doneBytes = done.reduce((sum, part) => sum + part.lengthBytes, 0);
  return { sizeBytes, doneBytes, partsDone: done.length, partsTotal: parts.length };
}

/**
 * Forgets a transfer: its journal is deleted, also a damaged one, and the next call starts over.
 *
 * @param image Given if its unfinished image is to be deleted too. A completed image never is.
 * @throws {TransferLockedError} A process works on it.
 */
export async function forgetTransfer(
  platform: Platform,
  key: JournalKey,
  options: Pick<TransferOptions, "force" | "signal">,
  image: { readonly client: SfcCore } | null = null,
): Promise<void> {
  const force = options.force ?? false;
  if (image !== null) await deleteHalfMade(platform, key, options, image.client);
  await forgetJournal(platform.journals, key, { force });
}

async function deleteHalfMade(
  platform: Platform,
  key: JournalKey,
  options: Pick<TransferOptions, "force" | "signal">,
  client: SfcCore,
): Promise<void> {
  const journal = await openJournal(platform.journals, key, { force: options.force ?? false });
  try {
    const { state } = journal;
    if (state.at !== "started" && state.at !== "completing") return;
    const api = new Api(client, startRun(platform, resolveUploadOptions(options, client)));
    const found = await api.get(state.imageId);
    if (found !== null && found.uploadStatus !== "completed") await api.delete(found.id);
  } finally {
    await journal.close();
  }
}
