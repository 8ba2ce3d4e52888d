import { crc32 } from "../crc32.js";

const utf8 = new TextEncoder();
const hexCrc = (text: string): string => crc32(utf8.encode(text)).toString(16).padStart(8, "0");

/**
 * A journal that says nothing that version 1 could not say, as version 1 wrote it. Where each group says
 * that all before it was synced is kept.
 */
export function asVersion1(journal: Uint8Array): Uint8Array {
  const [head = "", ...lines] = new TextDecoder().decode(journal).split(/(?<=\n)/);
  const id = head.split(" ")[2]!;
  const header = `img-journal 1 ${id}`;
  let written = `${header} ${hexCrc(header)}\n`;
  const newPlaces = new Map([[head.length, 0]]);
  let oldEnd = utf8.encode(head).length;
  for (const line of lines) {
    const [, sequence, synced, json] = /^\S+ (\d+) (\d+) (.*)/s.exec(line)!;
    const place = newPlaces.get(Number(synced)) ?? 0;
    const rest = `${sequence} ${place} ${JSON.stringify(olderRecord(json!))}`;
    written += `${hexCrc(`${id} ${rest}`)} ${rest}\n`;
    oldEnd += utf8.encode(line).length;
    newPlaces.set(oldEnd, utf8.encode(written).length);
  }
  return utf8.encode(written);
}

function olderRecord(json: string): object {
  const { workspace, format, ...record } = JSON.parse(json) as Record<string, unknown>;
  if ((workspace ?? null) !== null || (format ?? "raw") !== "raw") throw new Error("it is newer");
  if (record["type"] !== "completed") return record;
  return { type: "completed" };
}
