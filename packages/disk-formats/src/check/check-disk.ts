import { bootFindings } from "./boot.js";
import type { DiskFile } from "../disk.js";
import { DiskReader } from "./disk-reader.js";
import { fileSystemAtStart, isIsoImage } from "./file-systems.js";
import { finding, worstFirst, type Finding } from "./finding.js";
import { gib } from "./gib.js";
import type { Partition } from "./partition.js";
import { extentFindings } from "./extents.js";
import { readPartitionTable } from "./partition-table.js";

/** The result of a check of a disk's structure. */
export interface DiskCheck {
  /** The partition table; null if there is none that can be read. */
  readonly table: "gpt" | "mbr" | null;
  /** The partitions, in the order of the table. */
  readonly partitions: readonly Partition[];
  /** The findings, the worst first; empty if there are none. */
  readonly findings: readonly Finding[];
}

const sectorBytes = 512;
const guideBytes = 75 * 2 ** 30;
const apiBytes = 128 * 2 ** 30;

/**
 * Checks whether a raw disk can boot on a node: UEFI, amd64, sectors of 512 bytes. Reads at most 512 KiB.
 * Something that cannot be read becomes the note `CHECK_INCOMPLETE`, never an error.
 *
 * @param disk The raw disk, whatever format its file has. It stays open.
 * @throws `signal.reason` once aborted.
 */
export async function checkDisk(
  disk: DiskFile,
  signal: AbortSignal = new AbortController().signal,
): Promise<DiskCheck> {
  signal.throwIfAborted();
  const bySize = sizeFindings(disk.sizeBytes);
  try {
    const { table, partitions, findings } = await look(new DiskReader(disk, signal));
    return { table, partitions, findings: worstFirst([...bySize, ...findings]) };
  } catch (error) {
    signal.throwIfAborted();
    return { table: null, partitions: [], findings: worstFirst([...bySize, incomplete(error)]) };
  }
}

function sizeFindings(sizeBytes: number): readonly Finding[] {
  const findings: Finding[] = [];
  if (sizeBytes % sectorBytes !== 0) {
    findings.push(
      finding(
        "SIZE_NOT_SECTORS",
        `The disk's size, ${sizeBytes} bytes, is not a multiple of ${sectorBytes}.`,
        "Check that the file was written or downloaded completely.",
      ),
    );
  }
  if (sizeBytes > apiBytes) {
    findings.push(
      finding(
        "LARGER_THAN_API",
        `The disk has ${gib(sizeBytes)}; the Images API takes at most 128 GiB.`,
        "Make the disk smaller. A node's own disk can be larger than its image.",
      ),
    );
  } else if (sizeBytes > guideBytes) {
    findings.push(
      finding(
        "LARGER_THAN_GUIDE",
        `The disk has ${gib(sizeBytes)}; the guide for image builders allows 75 GiB.`,
        "Make the disk smaller: its file systems can grow on the node.",
      ),
    );
  }
  return findings;
}

async function look(reader: DiskReader): Promise<DiskCheck> {
  const nothing = { table: null, partitions: [] };
  if (await looksEmpty(reader)) return { ...nothing, findings: [emptyDisk] };
  if (await isIsoImage(reader)) return { ...nothing, findings: [isoImage] };
  const name = await fileSystemAtStart(reader);
  if (name !== null) return { ...nothing, findings: [fileSystemOnly(name)] };
  const { table, partitions, findings } = await readPartitionTable(reader);
  if (table === null) return { ...nothing, findings };
  const extents = extentFindings(partitions, reader.sizeBytes);
  const boot = await bootFindings(reader, partitions);
  return { table, partitions, findings: [...findings, ...extents, ...boot] };
}

/** Whether the disk's start, its end and places between, a few KiB each, are all zeros. */
async function looksEmpty(reader: DiskReader): Promise<boolean> {
  const places = Array.from({ length: 17 }, (_, index) => index / 16);
  for (const place of places) {
    const offset = Math.floor((place * Math.max(0, reader.sizeBytes - 4096)) / 4096) * 4096;
    const bytes = await reader.upTo(offset, place === 0 ? 72 * 1024 : 4096);
    if (bytes.some((byte) => byte !== 0)) return false;
  }
  return true;
}

const emptyDisk = finding(
  "LOOKS_EMPTY",
  "The disk looks empty: its start, its end and the places between that were read are all zeros.",
  "Check that this is the right file, and that it was written completely.",
);

const isoImage = finding(
  "ISO_IMAGE",
  "This is an ISO image: an installer or a live system, not an installed disk.",
  "Use the distribution's cloud image, or install the system to a disk image first.",
);

const fileSystemOnly = (name: string) =>
  finding(
    "FILE_SYSTEM_ONLY",
    `This is a file system (${name}) without a partition table, so firmware finds nothing to boot.`,
    "Build a whole disk: a GPT with an EFI system partition beside the system's partition.",
  );

const incomplete = (error: unknown) =>
  finding(
    "CHECK_INCOMPLETE",
    `The disk could be checked only in part: ${error instanceof Error ? error.message : String(error)}.`,
    "Nothing needs to be done; the upload is not affected.",
  );
