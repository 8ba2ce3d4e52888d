import type { FileSystem, LockOptions } from "@img/files";
import type { SweepFailed } from "../images/image-store.js";

export interface FolderStoreSettings {
  readonly fs: FileSystem;
  readonly dir: string;
  readonly maxStoreBytes: number;
  readonly maxAccountBytes: number;
  readonly urlTtlSec: number;
  readonly unfinishedTtlDays: number;
  readonly deletedTtlDays: number;
  /** Takes what deletions have left for the sweep. */
  readonly failed: SweepFailed;
  readonly checkDigest: boolean;
  /** Unix milliseconds. */
  readonly clock: () => number;
  /** How the folder's lock is taken. */
  readonly locking?: LockOptions;
  /** For tests that would be slow with real ones. @default 5 MiB */
  readonly minPartBytes?: number;
  /** For tests. @default 256 KiB */
  readonly reserveBytes?: number;
}
