import type { DiskReader } from "./disk-reader.js";

/** The magic numbers at the beginning of a disk or a partition. */
const signatures: readonly { readonly name: string; readonly at: number; readonly is: string }[] = [
  { name: "XFS", at: 0, is: "XFSB" },
  { name: "squashfs", at: 0, is: "hsqs" },
  { name: "NTFS", at: 3, is: "NTFS    " },
  { name: "exFAT", at: 3, is: "EXFAT   " },
  { name: "FAT", at: 54, is: "FAT" },
  { name: "FAT", at: 82, is: "FAT" },
  { name: "LUKS", at: 0, is: "LUKS\xba\xbe" },
  { name: "LVM", at: 512 + 24, is: "LVM2 001" },
  { name: "ext4", at: 1024 + 56, is: "\x53\xef" },
  { name: "f2fs", at: 1024, is: "\x10\x20\xf5\xf2" },
  { name: "swap", at: 4096 - 10, is: "SWAPSPACE2" },
  { name: "Btrfs", at: 64 * 1024 + 64, is: "_BHRfS_M" },
];

/**
 * Returns the name of the file system, or similar, that begins at the disk's first byte; null if none is known.
 */
export async function fileSystemAtStart(reader: DiskReader): Promise<string | null> {
  for (const { name, at, is } of signatures) {
    if (latin1(await reader.upTo(at, is.length)) === is) return name;
  }
  return null;
}

/** Whether the disk is an ISO 9660 image: its volume descriptors begin in sector 16 of 2048 bytes. */
export async function isIsoImage(reader: DiskReader): Promise<boolean> {
  return latin1(await reader.upTo(16 * 2048 + 1, 5)) === "CD001";
}

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
