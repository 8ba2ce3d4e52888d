import { crc32 } from "../crc32.js";
import { JournalCorruptError, JournalVersionError } from "../errors.js";
import { loaded } from "../errors/loaded.js";
import type { Coding, Decoded } from "./decode.js";
import type { JournalRecord } from "./record.js";
import { asRecord } from "./shape.js";

/** The format that this software writes, and the newest that it reads; it reads all older ones too. */
const journalVersion = 2;

const utf8 = new TextEncoder();

/** What a line's CRC covers beside its JSON: the journal it belongs to and its place there. */
export interface Seal {
  /** The transfer's id: 32 hex digits, new with each `begin`. */
  readonly id: string;
  /** The number of the record, from 1. */
  readonly sequence: number;
  /** How much of the journal was known to be durable when the line was written. */
  readonly syncedBytes: number;
}

/** Returns the id of a new transfer. */
export const newTransferId = (): string => crypto.randomUUID().replaceAll("-", "");

/** A journal's first line. In every version it says `img-journal VERSION … CRC-32`. */
export function encodeHeader(id: string): Uint8Array {
  const header = `img-journal ${journalVersion} ${id}`;
  return utf8.encode(`${header} ${coding.crcOf(utf8.encode(header))}\n`);
}

/** Encodes a group of records, a line each. All lines name the offset that was synced before the group. */
export function encodeRecords(seal: Seal, records: readonly JournalRecord[]): Uint8Array {
  const lines = records.map((record, index) => {
    const known = asRecord(record);
    if (known === null) throw new Error(`bug: a ${record.type} record with a field out of range`);
    const rest = ` ${seal.sequence + index} ${seal.syncedBytes} ${JSON.stringify(known)}`;
    return `${coding.crcOf(utf8.encode(rest), seal.id)}${rest}\n`;
  });
  return utf8.encode(lines.join(""));
}

/**
 * Encodes a whole journal. It is renamed into place when it is durable, so each line may say that everything
 * before it is synced.
 */
export function encodeJournal(id: string, records: readonly JournalRecord[]): Uint8Array {
  const header = encodeHeader(id);
  const pieces = [header];
  let syncedBytes = header.length;
  for (const [index, record] of records.entries()) {
    const line = encodeRecords({ id, sequence: index + 1, syncedBytes }, [record]);
    syncedBytes += line.length;
    pieces.push(line);
  }
  return joined(pieces);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** For `decode`. */
export const coding: Coding = {
  newestVersion: journalVersion,
  crcOf: (bytes, id) => hex(crc32(bytes, id === undefined ? 0 : crc32(utf8.encode(id)))),
  asRecord,
  corrupt: (what) => new JournalCorruptError(what),
  newer: (version) => new JournalVersionError(version),
};

/** Loads the decoder when it is needed: a new upload of a page has no journal. */
export async function loadDecoder(): Promise<(bytes: Uint8Array) => Decoded> {
  const { decode } = await loaded(import("./decode.js"));
  return (bytes) => decode(bytes, coding);
}

const hex = (crc: number): string => crc.toString(16).padStart(8, "0");
