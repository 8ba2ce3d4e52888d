import type { DiskReader } from "./disk-reader.js";
import { finding, type Finding } from "./finding.js";
import { gib } from "./gib.js";
import { hasGptHeader, readGpt, type Gpt } from "./gpt.js";
import { parseMbr } from "./mbr.js";
import type { Partition } from "./partition.js";

/** The partitions, and what was found about the table that lists them. */
export interface PartitionTable {
  readonly table: "gpt" | "mbr" | null;
  readonly partitions: readonly Partition[];
  readonly findings: readonly Finding[];
}

/** Reads the disk's partition table: both copies of a GPT, else an MBR. */
export async function readPartitionTable(reader: DiskReader): Promise<PartitionTable> {
  const mbr = parseMbr(await reader.upTo(0, 512));
  const sectorBytes = await gptSectorBytes(reader);
  if (sectorBytes !== null) {
    const found = await gptTable(reader, sectorBytes);
    const isProtected = mbr?.isProtective === true;
    return { ...found, findings: [...found.findings, ...(isProtected ? [] : [noProtectiveMbr])] };
  }
  if (mbr?.isProtective) return { table: null, partitions: [], findings: [gptDamaged] };
  if (mbr !== null) return { table: "mbr", partitions: mbr.partitions, findings: [] };
  return { table: null, partitions: [], findings: [noTable] };
}

/** Returns the sector length of the GPT; null if neither of its headers is found. */
async function gptSectorBytes(reader: DiskReader): Promise<512 | 4096 | null> {
  for (const bytes of [512, 4096] as const) {
    if (await hasGptHeader(reader, 1, bytes)) return bytes;
  }
  for (const bytes of [512, 4096] as const) {
    const last = lastSector(reader, bytes);
    if (last > 0 && (await hasGptHeader(reader, last, bytes))) return bytes;
  }
  return null;
}

const lastSector = (reader: DiskReader, sectorBytes: number): number =>
  Math.floor(reader.sizeBytes / sectorBytes) - 1;

async function gptTable(reader: DiskReader, sectorBytes: 512 | 4096): Promise<PartitionTable> {
  const last = lastSector(reader, sectorBytes);
  const primary = await readGpt(reader, 1, sectorBytes);
  const backup = await readGpt(reader, primary?.otherSector ?? last, sectorBytes);
  const gpt = primary ?? backup;
  if (gpt === null) return { table: null, partitions: [], findings: [gptDamaged] };
  const findings = [...copyFindings(reader.sizeBytes, sectorBytes, primary, backup)];
  if (sectorBytes === 4096) findings.push(sectors4096);
  return { table: "gpt", partitions: gpt.partitions, findings };
}

/** Returns the findings about the two copies of a GPT, of which at least one is valid. */
function copyFindings(
  sizeBytes: number,
  sectorBytes: number,
  primary: Gpt | null,
  backup: Gpt | null,
): readonly Finding[] {
  if (primary === null) return [primaryDamaged];
  const expectedBytes = (primary.otherSector + 1) * sectorBytes;
  if (expectedBytes > sizeBytes) return [cutShort(expectedBytes, sizeBytes)];
  const findings: Finding[] = [];
  if (sizeBytes - expectedBytes >= sectorBytes) findings.push(notAtEnd(sizeBytes - expectedBytes));
  if (backup === null) findings.push(backupDamaged);
  return findings;
}

const noTable = finding(
  "NO_PARTITION_TABLE",
  "The disk has no partition table and no file system that is recognized.",
  "Check that this is a raw disk or a disk image in a supported format.",
);

const gptDamaged = finding(
  "GPT_DAMAGED",
  "The disk's partition table (GPT) is damaged, and so is its backup.",
  "Check that the file was written completely, or build the image again.",
);

const primaryDamaged = finding(
  "GPT_PRIMARY_DAMAGED",
  "The partition table (GPT) at the disk's start is damaged; its backup at the end is valid.",
  "Repair it: run `sgdisk -e` on the raw disk.",
);

const backupDamaged = finding(
  "GPT_BACKUP_DAMAGED",
  "The backup of the partition table (GPT) is damaged.",
  "Repair it: run `sgdisk -e` on the raw disk.",
);

const noProtectiveMbr = finding(
  "NO_PROTECTIVE_MBR",
  "The disk has a GPT, but its first sector (the protective MBR) does not say so; firmware ignores such a GPT.",
  "Write it: run `sgdisk -g` on the raw disk, or build the image again.",
);

const sectors4096 = finding(
  "SECTORS_4096",
  "The partition table counts sectors of 4096 bytes; nodes have disks with sectors of 512 bytes.",
  "Build the image with sectors of 512 bytes.",
);

const cutShort = (expectedBytes: number, sizeBytes: number) =>
  finding(
    "DISK_CUT_SHORT",
    `The disk is cut short: by its partition table it has ${exact(expectedBytes)}, but there are ${exact(sizeBytes)}.`,
    "Check that the file was written or downloaded completely.",
  );

const notAtEnd = (afterBytes: number) =>
  finding(
    "GPT_BACKUP_NOT_AT_END",
    `The disk grew by ${gib(afterBytes)} after it was partitioned: the backup of its GPT is not at its end.`,
    "It boots. To move the backup to the end, run `sgdisk -e` on the raw disk.",
  );

/** Formats a size in GiB and in bytes, since two sizes may look the same in GiB. */
const exact = (bytes: number): string => `${gib(bytes)} (${bytes} bytes)`;
