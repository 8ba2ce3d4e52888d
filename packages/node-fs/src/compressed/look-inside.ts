import type { DiskCheck } from "@img/disk-formats/check";
import { detectFormat } from "@img/disk-formats/detect";
import { FormatUnsupportedError } from "@img/disk-formats/errors";
import type { UnpackedSource } from "./compressed-source.js";
import { DecodedHead } from "./decoded-head.js";

/** What a look at the first MiBs of a compressed disk has shown. */
export interface LookInside extends DiskCheck {
  /** Null where the disk does not end within them. */
  readonly sizeBytes: number | null;
}

/**
 * Looks at what a compressed file unpacks to.
 *
 * @param isChecked Whether it is checked that the disk can boot.
 * @returns Null if it is not checked.
 * @throws {FormatUnsupportedError} It is a disk image in another format than raw, which is read at any offset.
 * @throws {CompressedDamagedError | CompressedUnsupportedError} It cannot be unpacked.
 */
export async function lookInside(
  source: UnpackedSource,
  isChecked: boolean,
  signal: AbortSignal,
): Promise<LookInside | null> {
  const reading = await source.open(signal);
  try {
    const head = await DecodedHead.of(reading, signal);
    await refuseDiskFormat(source, head, signal);
    return isChecked ? await checkHead(head, signal) : null;
  } finally {
    await reading.close();
  }
}

async function refuseDiskFormat(
  { label, format: compression, unpackCommand }: UnpackedSource,
  head: DecodedHead,
  signal: AbortSignal,
): Promise<void> {
  // Only the end would tell a fixed VHD, which is a raw disk and a sector of its own.
  const start = head.isWhole ? head : { sizeBytes: 511, read: head.read.bind(head) };
  const format = await detectFormat(start, signal);
  if (format === "raw") return;
  const what = `in ${label} is compressed by ${compression}, and cannot be read at any offset`;
  throw new FormatUnsupportedError(format, what, `Unpack it first: ${unpackCommand}`);
}

/** What only the end of the disk would tell. */
const ofTheEnd: readonly string[] = [
  "GPT_BACKUP_DAMAGED",
  "GPT_BACKUP_NOT_AT_END",
  "DISK_CUT_SHORT",
];

async function checkHead(head: DecodedHead, signal: AbortSignal): Promise<LookInside> {
  await head.findSize(signal);
  const { checkDisk } = await import("@img/disk-formats/check");
  const checked = await checkDisk(head, signal);
  if (head.isWhole) return { ...checked, sizeBytes: head.sizeBytes };
  const findings = checked.findings.filter(({ code }) => !ofTheEnd.includes(code));
  return { ...checked, findings, sizeBytes: null };
}
