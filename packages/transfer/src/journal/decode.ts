import type { JournalRecord } from "./record.js";
import { fromVersion1 } from "./version-1.js";

// Loaded with the first journal that is there. It shares no module with what is loaded at once: a bundler that splits by
// modules would cut that in two.

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

/** What decoding takes from encoding, and the errors that it throws. */
export interface Coding {
  readonly newestVersion: number;
  /** The CRC-32 of the id, if one is given, and the bytes, in hex digits. */
  readonly crcOf: (bytes: Uint8Array, id?: string) => string;
  readonly asRecord: (value: unknown) => JournalRecord | null;
  readonly corrupt: (what: string) => Error;
  readonly newer: (version: number) => Error;
}

const newline = 0x0a;
const text = new TextDecoder();
/** Decodes one byte to one character, so that an index in the text is an offset in the bytes. */
const byteText = new TextDecoder("latin1");

/**
 * Decodes the intact part of a journal.
 *
 * @throws `corrupt`: it is damaged before an offset that a later line says was synced, or a whole line says what its
 *   version does not say.
 * @throws `newer`: a newer version wrote it.
 */
export function decode(bytes: Uint8Array, coding: Coding): Decoded {
  const header = decodeHeader(bytes, coding);
  if (header === null) return { id: "", records: [], isCurrent: true, wholeBytes: 0 };
  const records: JournalRecord[] = [];
  let wholeBytes = header.end;
  for (const line of linesFrom(bytes, wholeBytes)) {
    const sealed = unseal(header.id, line.bytes, coding);
    if (sealed?.sequence !== records.length + 1 || sealed.syncedBytes > line.start) break;
    records.push(recordIn(sealed, header.version, coding));
    wholeBytes = line.end;
  }
  // Header and first record are renamed into place together, so only a cut file has a part of them.
  if (records.length === 0 && bytes.includes(newline, wholeBytes)) {
    throw coding.corrupt("its first record cannot be read");
  }
  refuseDamageBeforeSyncedEnd(bytes, header.id, wholeBytes, coding);
  const isCurrent = header.version === coding.newestVersion;
  return { id: header.id, records, isCurrent, wholeBytes };
}

interface Header {
  readonly version: number;
  readonly id: string;
  readonly end: number;
}

function decodeHeader(bytes: Uint8Array, coding: Coding): Header | null {
  const { crcOf, corrupt, newer, newestVersion } = coding;
  const [line] = linesFrom(bytes, 0);
  if (line === undefined) return cutHeader(bytes, coding);
  const match = /^(img-journal (\d{1,9}) (.*)) ([0-9a-f]{8})$/s.exec(text.decode(line.bytes));
  if (match === null || crcOf(line.bytes.subarray(0, -9)) !== match[4]) {
    throw corrupt("its first line is not that of a journal");
  }
  const version = Number(match[2]);
  if (version > newestVersion) throw newer(version);
  if (version === 0 || !/^[0-9a-f]{32}$/.test(match[3]!)) {
    throw corrupt("its first line names no transfer");
  }
  return { version, id: match[3]!, end: line.end };
}

/** Accepts a header that was cut off (nothing is known then). Throws if it is not the start of a header. */
function cutHeader(bytes: Uint8Array, { corrupt }: Coding): null {
  const found = text.decode(bytes);
  const magic = "img-journal ";
  if (found.startsWith(magic) || magic.startsWith(found)) return null;
  throw corrupt("it does not begin as a journal does");
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

function unseal(id: string, line: Uint8Array, { crcOf }: Coding): Sealed | null {
  const match = /^([0-9a-f]{8}) (\d{1,15}) (\d{1,15}) (.*)/s.exec(text.decode(line));
  if (match === null || crcOf(line.subarray(8), id) !== match[1]) return null;
  return { sequence: Number(match[2]), syncedBytes: Number(match[3]), json: match[4]! };
}

/** A line's record. Throws if it is none of that version, or has an unknown field, which `asRecord` ignores. */
function recordIn({ sequence, json }: Sealed, version: number, coding: Coding): JournalRecord {
  const value = version === 1 ? fromVersion1(parsed(json)) : parsed(json);
  const record = coding.asRecord(value);
  const nothingElse = record !== null && Object.keys(record).length === Object.keys(value!).length;
  if (nothingElse) return record;
  throw coding.corrupt(`record ${sequence} is of no known shape`);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/**
 * Looks for intact records after the damage: each says how far the journal was durable when it was written.
 * Such a record may start in the middle of a line, if the newline before it is damaged.
 */
function refuseDamageBeforeSyncedEnd(
  bytes: Uint8Array,
  id: string,
  damagedAt: number,
  coding: Coding,
): void {
  const rest = byteText.decode(bytes.subarray(damagedAt));
  for (const { index } of rest.matchAll(/(?=[0-9a-f]{8} \d{1,15} \d{1,15} )/g)) {
    const start = damagedAt + index;
    const end = bytes.indexOf(newline, start);
    const sealed = unseal(id, bytes.subarray(start, end === -1 ? bytes.length : end), coding);
    if (sealed !== null && sealed.syncedBytes > damagedAt) {
      throw coding.corrupt(
        `it was synced up to byte ${sealed.syncedBytes}, but byte ${damagedAt} and after cannot be read`,
      );
    }
  }
}
