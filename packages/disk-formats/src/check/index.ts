/**
 * Checks whether a raw disk can boot on a node: partition tables, EFI system partition, size. It is separate
 * from the rest of the package because few users need it. `docs/checks.md` explains each finding.
 */
export { checkDisk } from "./check-disk.js";
export type { DiskCheck } from "./check-disk.js";
export type { Finding, FindingCode, Severity } from "./finding.js";
export type { Partition } from "./partition.js";
