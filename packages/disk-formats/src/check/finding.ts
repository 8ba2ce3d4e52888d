/**
 * How bad a finding is. An error: it will not boot. A warning: it may not boot, or is a likely mistake. A note:
 * information only.
 */
export type Severity = "error" | "warning" | "note";

/** Every finding and its severity. Codes never change; `docs/checks.md` explains each. */
export const severities = {
  /** The size is not a multiple of 512 bytes. */
  SIZE_NOT_SECTORS: "warning",
  /** Larger than 75 GiB, the limit of the vendor's guide for image builders. */
  LARGER_THAN_GUIDE: "warning",
  /** Larger than 128 GiB, which the Images API refuses. */
  LARGER_THAN_API: "error",
  /** Every place that was read holds zeros. */
  LOOKS_EMPTY: "error",
  /** An ISO 9660 image: an installer or a live system, not an installed disk. */
  ISO_IMAGE: "warning",
  /** There is neither an MBR nor a GPT, and no known file system. */
  NO_PARTITION_TABLE: "error",
  /** A file system begins at the disk's first byte, without a partition table. */
  FILE_SYSTEM_ONLY: "error",
  /** The GPT counts sectors of 4096 bytes. */
  SECTORS_4096: "error",
  /** The partition table describes a larger disk than there is. */
  DISK_CUT_SHORT: "error",
  /** The first GPT is damaged or missing, its backup is valid. */
  GPT_PRIMARY_DAMAGED: "warning",
  /** The GPT's backup is damaged or missing. */
  GPT_BACKUP_DAMAGED: "warning",
  /** Neither of the two GPTs is valid. */
  GPT_DAMAGED: "error",
  /** The GPT's backup is not in the last sector: the disk grew after it was partitioned. */
  GPT_BACKUP_NOT_AT_END: "warning",
  /** The first sector does not say that the disk has a GPT. */
  NO_PROTECTIVE_MBR: "error",
  /** A partition ends after the disk's end. */
  PARTITION_BEYOND_DISK: "error",
  /** Two partitions share sectors. */
  PARTITIONS_OVERLAP: "warning",
  /** A gibibyte or more after the last partition is unused. */
  UNUSED_END: "warning",
  /** No partition is an EFI system partition. */
  NO_EFI_PARTITION: "error",
  /** The EFI system partition holds no FAT file system. */
  EFI_PARTITION_NOT_FAT: "error",
  /** The EFI system partition has no EFI/BOOT/BOOTX64.EFI. */
  NO_BOOT_FILE: "error",
  /** EFI/BOOT/BOOTX64.EFI is not a program for amd64. */
  BOOT_FILE_NOT_AMD64: "error",
  /** Something could not be read, so the checks after it were not made. */
  CHECK_INCOMPLETE: "note",
} as const;

/** Names a kind of finding; `docs/checks.md` has a row for each. */
export type FindingCode = keyof typeof severities;

/** One finding about a disk. */
export interface Finding {
  /** The kind of finding; it never changes. */
  readonly code: FindingCode;
  /** How bad it is. */
  readonly severity: Severity;
  /** What was found, as a sentence. */
  readonly message: string;
  /** What to do about it, as a sentence. */
  readonly advice: string;
}

export const finding = (code: FindingCode, message: string, advice: string): Finding => ({
  code,
  severity: severities[code],
  message,
  advice,
});

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/** Sorts findings: errors first, then warnings, then notes, each in the order in which they were found. */
export const worstFirst = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted((a, b) => rank[a.severity] - rank[b.severity]);
