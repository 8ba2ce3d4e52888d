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
  /** Gets the errors of what a deletion could not remove; the sweep tries again. */
  readonly failed: SweepFailed;
  readonly checkDigest: boolean;
  /** The time in Unix milliseconds. */
  readonly clock: () => number;
  /** The options of the folder's lock. */
  readonly locking?: LockOptions;
  /** The minimum size of a part, for tests that would be slow with the real one. @default 5 MiB */
  readonly minPartBytes?: number;
  /** The size of the reserve, for tests. @default 256 KiB */
  readonly reserveBytes?: number;
}
