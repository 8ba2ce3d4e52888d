import { NotReadError, type DiskReader } from "./disk-reader.js";
import { crc32 } from "../crc32.js";
import { Fields } from "../fields.js";
import type { Partition } from "./partition.js";

/** A valid GPT header with its partitions (UEFI 2.10, section 5.3). */
export interface Gpt {
  /** The sector where the other one of the two headers should be. */
  readonly otherSector: number;
  readonly partitions: readonly Partition[];
}

const signature = "EFI PART";
const efiSystemGuid = "28732ac11ff8d211ba4b00a0c93ec93b"; // as it is on the disk
const unusedGuid = "0".repeat(32);

/** Eight times the usual 128 entries of 128 bytes. */
const mostTableBytes = 128 * 1024;

/** Whether this sector has a GPT header, valid or not. */
export async function hasGptHeader(
  reader: DiskReader,
  sector: number,
  sectorBytes: number,
): Promise<boolean> {
  const start = new Fields(await reader.upTo(sector * sectorBytes, 8), "little");
  return start.text(0, 8) === signature;
}

/** Reads the GPT whose header is in this sector; null if the header or its table is not valid. */
export async function readGpt(
  reader: DiskReader,
  sector: number,
  sectorBytes: number,
): Promise<Gpt | null> {
  if (sector < 1 || (sector + 1) * sectorBytes > reader.sizeBytes) return null;
  const header = parseHeader(await reader.bytes(sector * sectorBytes, sectorBytes), sector);
  if (header === null) return null;
  const table = await readTable(reader, header, sectorBytes);
  if (table === null || crc32(table) !== header.tableCrc32) return null;
  return { otherSector: header.otherSector, partitions: parseTable(table, header, sectorBytes) };
}

type Header = NonNullable<ReturnType<typeof parseHeader>>;

function parseHeader(sector: Uint8Array, expectedSector: number) {
  const fields = new Fields(sector, "little");
  const headerBytes = fields.u32(12);
  if (fields.text(0, 8) !== signature) return null;
  if (headerBytes < 92 || headerBytes > sector.length) return null;
  if (crc32(withoutCrc(sector.slice(0, headerBytes))) !== fields.u32(16)) return null;
  if (fields.u64(24) !== expectedSector) return null;
  return {
    otherSector: fields.u64(32),
    tableSector: fields.u64(72),
    entries: fields.u32(80),
    entryBytes: fields.u32(84),
    tableCrc32: fields.u32(88),
  };
}

function withoutCrc(header: Uint8Array): Uint8Array {
  header.fill(0, 16, 20);
  return header;
}

async function readTable(
  reader: DiskReader,
  { tableSector, entries, entryBytes }: Header,
  sectorBytes: number,
): Promise<Uint8Array | null> {
  const isPlausible = entries > 0 && entryBytes >= 128 && entryBytes % 128 === 0;
  if (!isPlausible || entries * entryBytes > mostTableBytes) return null;
  try {
    return await reader.bytes(tableSector * sectorBytes, entries * entryBytes);
  } catch (error) {
    if (error instanceof NotReadError) return null;
    throw error;
  }
}

function parseTable(table: Uint8Array, header: Header, sectorBytes: number): readonly Partition[] {
  const { entries, entryBytes } = header;
  return Array.from({ length: entries }, (_, index) => {
    const entry = table.subarray(index * entryBytes, (index + 1) * entryBytes);
    return parseEntry(entry, index + 1, sectorBytes);
  }).filter((partition) => partition !== null);
}

function parseEntry(entry: Uint8Array, number: number, sectorBytes: number): Partition | null {
  const type = hexAt(entry, 0, 16);
  if (type === unusedGuid) return null;
  const fields = new Fields(entry, "little");
  return {
    number,
    startBytes: fields.u64(32) * sectorBytes,
    endBytes: (fields.u64(40) + 1) * sectorBytes,
    isEfiSystem: type === efiSystemGuid,
    name: nameOf(fields),
  };
}

/** Reads a name: 36 UTF-16 code units, ended by a zero. */
function nameOf(entry: Fields): string {
  const units = Array.from({ length: 36 }, (_, index) => entry.u16(56 + 2 * index));
  const end = units.indexOf(0);
  return String.fromCharCode(...units.slice(0, end < 0 ? units.length : end));
}

const hexAt = (bytes: Uint8Array, from: number, to: number): string =>
  [...bytes.subarray(from, to)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
