import type { DiskReader } from "./disk-reader.js";
import { FatVolume } from "./fat.js";
import type { FatEntry } from "./fat-directory.js";
import { finding, type Finding } from "./finding.js";
import { Fields } from "../fields.js";
import type { Partition } from "./partition.js";

/** The file that firmware starts from a disk without a boot entry (UEFI 2.10, section 3.5.1.1). */
const bootFile = ["EFI", "BOOT", "BOOTX64.EFI"];
const arm64BootFile = ["EFI", "BOOT", "BOOTAA64.EFI"];

/** The machine type of amd64 in a PE header (Microsoft's PE format, "Machine types"). */
const amd64Machine = 0x8664;

/** Checks whether firmware finds a program for amd64 on one of the disk's EFI system partitions. */
export async function bootFindings(
  reader: DiskReader,
  partitions: readonly Partition[],
): Promise<readonly Finding[]> {
  const candidates = partitions.filter((partition) => partition.isEfiSystem);
  if (candidates.length === 0) return [noEfiPartition];
  const findings: Finding[] = [];
  for (const partition of candidates) {
    const one = await partitionFinding(reader, partition);
    if (one === null) return []; // one bootable partition is enough
    findings.push(one);
  }
  return findings;
}

async function partitionFinding(
  reader: DiskReader,
  { number, startBytes }: Partition,
): Promise<Finding | null> {
  if (startBytes >= reader.sizeBytes) return notFat(number);
  const volume = await FatVolume.open(reader, startBytes);
  if (volume === null) return notFat(number);
  const file = await volume.find(bootFile);
  if (file === null || file.isFolder) {
    return noBootFile(number, (await volume.find(arm64BootFile)) !== null);
  }
  return (await isForAmd64(volume, file)) ? null : notAmd64;
}

/**
 * Whether a file is a UEFI program for amd64: a PE file begins with "MZ", and the offset at 0x3c leads to "PE"
 * and the machine type.
 */
async function isForAmd64(volume: FatVolume, file: FatEntry): Promise<boolean> {
  const head = await volume.head(file, 4096);
  if (head.length < 64) return false;
  const fields = new Fields(head, "little");
  if (fields.u16(0) !== 0x5a4d) return false;
  const at = fields.u32(0x3c);
  if (at > head.length - 6) return true; // it is in a later cluster, which is not read
  return fields.u32(at) === 0x4550 && fields.u16(at + 4) === amd64Machine;
}

const noEfiPartition = finding(
  "NO_EFI_PARTITION",
  "The disk has no EFI system partition, so UEFI firmware finds nothing to boot.",
  "Use an image that boots by UEFI, or add an EFI system partition with a boot loader.",
);

const notFat = (number: number) =>
  finding(
    "EFI_PARTITION_NOT_FAT",
    `Partition ${number} is an EFI system partition, but holds no FAT file system.`,
    "Format it with `mkfs.vfat` and install a boot loader to it.",
  );

const noBootFile = (number: number, isArm64: boolean) =>
  finding(
    "NO_BOOT_FILE",
    isArm64
      ? `The EFI system partition (${number}) boots arm64 only; nodes are amd64.`
      : `The EFI system partition (${number}) has no EFI/BOOT/BOOTX64.EFI, which firmware starts on a new node.`,
    isArm64
      ? "Use the amd64 variant of the image."
      : "Install the boot loader for removable media: `grub-install --removable --target x86_64-efi`.",
  );

const notAmd64 = finding(
  "BOOT_FILE_NOT_AMD64",
  "EFI/BOOT/BOOTX64.EFI is not a program for amd64.",
  "Check that the file was written completely, or install the boot loader again.",
);
