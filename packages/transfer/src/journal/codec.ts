import { crc32 } from "../crc32.js";
import { JournalCorruptError, JournalVersionError } from "../errors.js";
import type { JournalRecord } from "./record.js";
import { asRecord, parseRecord } from "./shape.js";

/** The format that this software writes, and the newest that it reads; it reads all older ones too. */
const journalVersion = 2;

const newline = 0x0a;
const utf8 = new TextEncoder();
const text = new TextDecoder();
/** Decodes one byte to one character, so that an index in the text is an offset in the bytes. */
const byteText = new TextDecoder("latin1");

/** What a line's CRC covers beside its JSON: the journal it belongs to and its place there. */
export interface Seal {
  /** The transfer's id: 32 hex digits, new with each `begin`. */
  readonly id: string;
  /** The number of the record, from 1. */
  readonly sequence: number;
  /** How much of the journal was known to be durable when the line was written. */
  readonly syncedBytes: number;
}

/** The intact part of a journal. */
export interface Decoded {
  /** Empty if there is not even a header. */
  readonly id: string;
  readonly records: readonly JournalRecord[];
  /** Whether it is of this version, so that records can be appended to it. */
  readonly isCurrent: boolean;
  /** Where the intact lines end. What follows is a torn tail, which is cut off. */
  readonly wholeBytes: number;
}

/** Returns the id of a new transfer. */
export const newTransferId = (): string => crypto.randomUUID().replaceAll("-", "");

/** A journal's first line. In every version it says `img-journal VERSION … CRC-32`. */
export function encodeHeader(id: string): Uint8Array {
  const header = `img-journal ${journalVersion} ${id}`;
  return utf8.encode(`${header} ${hex(crc32(utf8.encode(header)))}\n`);
}

/** Encodes a group of records, a line each. All lines name the offset that was synced before the group. */
export function encodeRecords(seal: Seal, records: readonly JournalRecord[]): Uint8Array {
  const lines = records.map((record, index) => {
    const known = asRecord(record);
    if (known === null) throw new Error(`bug: a ${record.type} record with a field out of range`);
    const rest = ` ${seal.sequence + index} ${seal.syncedBytes} ${JSON.stringify(known)}`;
    return `${hex(lineCrc(seal.id, utf8.encode(rest)))}${rest}\n`;
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

/**
 * Decodes the intact part of a journal.
 *
 * @throws {JournalCorruptError} It is damaged before an offset that a later line says was synced, or a whole
 *   line says what its version does not say.
 * @throws {JournalVersionError} A newer version wrote it.
 */
export function decodeJournal(bytes: Uint8Array): Decoded {
  const header = decodeHeader(bytes);
  if (header === null) return { id: "", records: [], isCurrent: true, wholeBytes: 0 };
  const records: JournalRecord[] = [];
  let wholeBytes = header.end;
  for (const line of linesFrom(bytes, wholeBytes)) {
    const sealed = unseal(header.id, line.bytes);
    if (sealed?.sequence !== records.length + 1 || sealed.syncedBytes > line.start) break;
    records.push(recordIn(sealed, header.version));
    wholeBytes = line.end;
  }
  // Header and first record are renamed into place together, so only a cut file has a part of them.
  if (records.length === 0 && bytes.includes(newline, wholeBytes)) {
    throw new JournalCorruptError("its first record cannot be read");
  }
  refuseDamageBeforeSyncedEnd(bytes, header.id, wholeBytes);
  const isCurrent = header.version === journalVersion;
  return { id: header.id, records, isCurrent, wholeBytes };
}

interface Header {
  readonly version: number;
  readonly id: string;
  readonly end: number;
}

function decodeHeader(bytes: Uint8Array): Header | null {
  const [line] = linesFrom(bytes, 0);
  if (line === undefined) return cutHeader(bytes);
  const match = /^(img-journal (\d{1,9}) (.*)) ([0-9a-f]{8})$/s.exec(text.decode(line.bytes));
  if (match === null || hex(crc32(line.bytes.subarray(0, -9))) !== match[4]) {
    throw new JournalCorruptError("its first line is not that of a journal");
  }
  const version = Number(match[2]);
  if (version > journalVersion) throw new JournalVersionError(version);
  if (version === 0 || !/^[0-9a-f]{32}$/.test(match[3]!)) {
    throw new JournalCorruptError("its first line names no transfer");
  }
  return { version, id: match[3]!, end: line.end };
}

/**
 * Accepts a header that was cut off (nothing is known then). @throws {JournalCorruptError} It is not the start
 * of a header.
 */
function cutHeader(bytes: Uint8Array): null {
  const found = text.decode(bytes);
  const magic = "img-journal ";
  if (found.startsWith(magic) || magic.startsWith(found)) return null;
  throw new JournalCorruptError("it does not begin as a journal does");
}

interface Line {
  readonly start: number;
  readonly end: number;
  /** Without its newline. */
  readonly bytes: Uint8Array;
}

/** Yields the lines that end with a newline. */
function* linesFrom(bytes: Uint8Array, from: number): Generator<Line> {
  for (let start = from; ;) {
    const at = bytes.indexOf(newline, start);
    if (at === -1) return;
    yield { start, end: at + 1, bytes: bytes.subarray(start, at) };
    start = at + 1;
  }
}

interface Sealed {
  readonly sequence: number;
  readonly syncedBytes: number;
  readonly json: string;
}

function unseal(id: string, line: Uint8Array): Sealed | null {
  const match = /^([0-9a-f]{8}) (\d{1,15}) (\d{1,15}) (.*)/s.exec(text.decode(line));
  if (match === null || hex(lineCrc(id, line.subarray(8))) !== match[1]) return null;
  return { sequence: Number(match[2]), syncedBytes: Number(match[3]), json: match[4]! };
}

function recordIn(sealed: Sealed, version: number): JournalRecord {
  const record = parseRecord(sealed.json, version);
  if (record !== null) return record;
  throw new JournalCorruptError(`record ${sealed.sequence} is of no known shape`);
}

/**
 * Looks for intact records after the damage: each says how far the journal was durable when it was written.
 * Such a record may start in the middle of a line, if the newline before it is damaged.
 */
function refuseDamageBeforeSyncedEnd(bytes: Uint8Array, id: string, damagedAt: number): void {
  const rest = byteText.decode(bytes.subarray(damagedAt));
  for (const { index } of rest.matchAll(/(?=[0-9a-f]{8} \d{1,15} \d{1,15} )/g)) {
    const start = damagedAt + index;
    const end = bytes.indexOf(newline, start);
    const sealed = unseal(id, bytes.subarray(start, end === -1 ? bytes.length : end));
    if (sealed !== null && sealed.syncedBytes > damagedAt) {
      throw new JournalCorruptError(
        `it was synced up to byte ${sealed.syncedBytes}, but byte ${damagedAt} and after cannot be read`,
      );
    }
  }
}

const lineCrc = (id: string, rest: Uint8Array): number => crc32(rest, crc32(utf8.encode(id)));

const hex = (crc: number): string => crc.toString(16).padStart(8, "0");
