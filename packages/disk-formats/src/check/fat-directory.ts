import { Fields } from "../fields.js";

/** A file or folder of a FAT directory. */
export interface FatEntry {
  /** The short name, and the long one if there is one. */
  readonly names: readonly string[];
  readonly isFolder: boolean;
  readonly cluster: number;
  /** The size; 0 for a folder. */
  readonly sizeBytes: number;
}

const entryBytes = 32;
const endMark = 0x00;
const deletedMark = 0xe5;
const longNameAttributes = 0x0f;
const volumeLabel = 0x08;
const folder = 0x10;
/** The offsets of the 13 UTF-16 code units in a piece of a long name. */
const unitOffsets = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/** Returns the entries of a directory. The pieces of a long name precede their entry, the last piece first. */
export function fatEntries(bytes: Uint8Array): readonly FatEntry[] {
  const entries: FatEntry[] = [];
  let longName = "";
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    const raw = bytes.subarray(at, at + entryBytes);
    const [mark, attributes] = [raw[0]!, raw[11]!];
    if (mark === endMark) break;
    if (mark !== deletedMark && (attributes & 0x3f) === longNameAttributes) {
      longName = pieceOf(raw) + longName;
      continue;
    }
    if (mark !== deletedMark && (attributes & volumeLabel) === 0)
      entries.push(entryOf(raw, longName));
    longName = "";
  }
  return entries;
}

function pieceOf(raw: Uint8Array): string {
  const fields = new Fields(raw, "little");
  const units = unitOffsets.map((offset) => fields.u16(offset));
  const end = units.indexOf(0);
  return String.fromCharCode(...units.slice(0, end < 0 ? units.length : end));
}

function entryOf(raw: Uint8Array, longName: string): FatEntry {
  const fields = new Fields(raw, "little");
  const shortName = [textAt(raw, 0, 8), textAt(raw, 8, 11)].filter((part) => part !== "").join(".");
  return {
    names: longName === "" ? [shortName] : [shortName, longName],
    isFolder: (raw[11]! & folder) !== 0,
    cluster: fields.u16(20) * 0x10000 + fields.u16(26),
    sizeBytes: fields.u32(28),
  };
}

const textAt = (raw: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...raw.subarray(from, to)).trimEnd();
