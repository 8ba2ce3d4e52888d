import { Fields } from "../fields.js";
import type { Partition } from "./partition.js";

/** The first sector as a partition table (UEFI 2.10, section 5.2.1). */
export interface Mbr {
  /** Whether it says that the disk has a GPT: only then does firmware look for one. */
  readonly isProtective: boolean;
  readonly partitions: readonly Partition[];
}

const sectorBytes = 512;
const gptType = 0xee;
const efiSystemType = 0xef;

/** Reads the partition table of the first sector; null if there is none. */
export function parseMbr(sector: Uint8Array): Mbr | null {
  if (sector.length < sectorBytes) return null;
  const fields = new Fields(sector, "little");
  if (fields.u16(510) !== 0xaa55) return null;
  const entries = [0, 1, 2, 3].map((index) => entryAt(fields, index));
  // The boot code of a file system ends with the same two bytes, and has anything in place of the entries.
  if (!entries.every(({ status }) => (status & 0x7f) === 0)) return null;
  const used = entries.filter(({ type, sectors }) => type !== 0 && sectors > 0);
  if (used.length === 0) return null;
  return {
    isProtective: used.some(({ type, startSector }) => type === gptType && startSector === 1),
    partitions: used.filter(({ type }) => type !== gptType).map(asPartition),
  };
}

type Entry = ReturnType<typeof entryAt>;

function entryAt(fields: Fields, index: number) {
  const at = 446 + 16 * index;
  return {
    number: index + 1,
    status: fields.u8(at),
    type: fields.u8(at + 4),
    startSector: fields.u32(at + 8),
    sectors: fields.u32(at + 12),
  };
}

const asPartition = ({ number, type, startSector, sectors }: Entry): Partition => ({
  number,
  startBytes: startSector * sectorBytes,
  endBytes: (startSector + sectors) * sectorBytes,
  isEfiSystem: type === efiSystemType,
  name: "",
});
