/**
 * Checks whether a raw disk can boot on a node: partition tables, EFI system partition, size. Apart from the rest
 * of the package, since only some of its users need it. `docs/checks.md` explains each finding.
 */
export { checkDisk } from "./check-disk.js";
export type { DiskCheck } from "./check-disk.js";
export type { Finding, FindingCode, Severity } from "./finding.js";
export type { Partition } from "./partition.js";
