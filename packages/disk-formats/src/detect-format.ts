import type { DiskFile, DiskFormat } from "./disk.js";
import { footerBytes, isFooter } from "./vhd/checksum.js";

const headBytes = 512;

/**
 * Detects the format of a file by its content: the magic number at its beginning, or for a fixed VHD a footer
 * with a valid checksum. Everything else is a raw disk. The file's name is not used.
 */
export async function detectFormat(file: DiskFile, signal: AbortSignal): Promise<DiskFormat> {
  const head = new Uint8Array(Math.min(headBytes, file.sizeBytes));
  await file.read(0, head, signal);
  const byMagic = magicOf(head);
  if (byMagic !== null) return byMagic;
  if (file.sizeBytes < footerBytes) return "raw";
  const tail = new Uint8Array(footerBytes);
  await file.read(file.sizeBytes - footerBytes, tail, signal);
  return isFooter(tail) ? "vhd" : "raw";
}

/**
 * The magic numbers. VMware's small text file that names the files of a disk is a VMDK too, as is the older
 * sparse file of ESX.
 */
const magics = [
  { format: "qcow2", at: 0, text: "QFI\xfb" },
  { format: "vmdk", at: 0, text: "KDMV" },
  { format: "vmdk", at: 0, text: "COWD" },
  { format: "vmdk", at: 0, text: "# Disk DescriptorFile" },
  { format: "vhdx", at: 0, text: "vhdxfile" },
  { format: "vhd", at: 0, text: "conectix" },
  { format: "vdi", at: 64, text: "\x7f\x10\xda\xbe" },
] as const;

function magicOf(head: Uint8Array): DiskFormat | null {
  const start = String.fromCharCode(...head);
  return magics.find(({ at, text }) => start.startsWith(text, at))?.format ?? null;
}
