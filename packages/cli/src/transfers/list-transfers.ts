import { isStale, staleAfterSec, type UnfinishedTransfer } from "@img/node-fs";
import { formatBytes, formatShare } from "../report/bytes.js";
import { formatAge } from "../report/durations.js";
import { printEvent, printText, type OutputFlags } from "../report/output.js";
import { Table } from "../report/table.js";
import { unfinishedUploads } from "./unfinished-uploads.js";

/** Prints the uploads that can be resumed, the latest first. */
export async function listTransfers(flags: OutputFlags): Promise<void> {
  const nowSec = Date.now() / 1000;
  const uploads = await unfinishedUploads();
  for (const one of uploads) printEvent(flags, eventOf(one, nowSec));
  if (uploads.length === 0) {
    printText(flags, "No unfinished uploads.");
    return;
  }
  printText(flags, ...linesOf(uploads, nowSec));
  if (uploads.some((one) => isStale(one, nowSec))) printText(flags, ...staleNote);
}

/** Returns the lines of the table. Server and workspace are shown only if there are several. */
function linesOf(uploads: readonly UnfinishedTransfer[], nowSec: number): readonly string[] {
  const places = [
    { title: "WORKSPACE", of: ({ key }: UnfinishedTransfer) => key.workspace ?? "-" },
    { title: "SERVER", of: ({ key }: UnfinishedTransfer) => key.server },
  ].filter((place) => new Set(uploads.map(place.of)).size > 1);
  const titles = places.map(({ title }) => title);
  const rows = uploads.map((one) => [...rowOf(one, nowSec), ...places.map(({ of }) => of(one))]);
  return new Table([...header, ...titles]).lines(rows);
}

function eventOf(one: UnfinishedTransfer, nowSec: number): object {
  const { key, file, imageId, sizeBytes, doneBytes, beganAtSec, lastActiveAtSec } = one;
  return {
    name: key.name,
    server: key.server,
    workspace: key.workspace,
    at: one.damage === null ? one.at : "damaged",
    from: file,
    needsUrl: one.needsUrl,
    imageId,
    sizeBytes: file === null || sizeBytes === 0 ? null : sizeBytes,
    doneBytes,
    beganAtSec,
    lastActiveAtSec,
    stopped: one.stopped?.code ?? null,
    stale: isStale(one, nowSec),
    holder: one.holder,
    damage: one.damage,
  };
}

const header = ["NAME", "ARRIVED", "LAST ACTIVE", "STATE", "FROM"];
const staleNote = [
  "",
  `Unfinished images without a new part for ${staleAfterSec / 86_400} days may be deleted by the service. To start such an upload over:`,
  "img transfers resume NAME --if-image-gone restart",
];

function rowOf(one: UnfinishedTransfer, nowSec: number): string[] {
  const { key, file, sizeBytes, doneBytes, lastActiveAtSec } = one;
  const arrived = file === null ? "-" : arrivedText(doneBytes, sizeBytes);
  const age = lastActiveAtSec === null ? "-" : formatAge(nowSec - lastActiveAtSec);
  const stale = isStale(one, nowSec) ? ", stale" : "";
  return [key.name, arrived, age, stateText(one) + stale, file ?? "-"];
}

/**
 * Formats what has arrived. The size of a compressed file's disk is known once it has been unpacked to its end.
 */
const arrivedText = (doneBytes: number, sizeBytes: number): string =>
  sizeBytes === 0
    ? formatBytes(doneBytes)
    : `${formatShare(doneBytes, sizeBytes)} (${Math.floor((doneBytes * 100) / sizeBytes)}%)`;

function stateText({ holder, damage, stopped }: UnfinishedTransfer): string {
  if (holder !== null) return `running, process ${holder.pid}`;
  if (damage !== null) return "damaged";
  if (stopped === null) return "killed or crashed";
  const why = reasons.get(stopped.code);
  return why === undefined ? `stopped (${stopped.code})` : `stopped: ${why}`;
}

/** Why the last run ended, for people. Other codes are shown as they are. */
const reasons: ReadonlyMap<string, string> = new Map([
  ["ABORTED", "interrupted"],
  ["NO_PROGRESS", "no progress for too long"],
  ["NOT_AUTHORIZED", "the token was refused"],
  ["SOURCE_CHANGED", "the file changed"],
  ["COMPRESSED_DAMAGED", "the compressed file is damaged"],
  ["IMAGE_GONE", "its image is gone"],
  ["API_REFUSED", "the service refused"],
  ["NAME_TAKEN", "another image has the name"],
  ["DISK", "the file could not be read"],
]);
