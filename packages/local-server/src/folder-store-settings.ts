import type { FileSystem } from "./file-system.js";
import type { SweepFailed } from "./image-store.js";
import type { Processes } from "./lock-holder.js";

export interface FolderStoreSettings {
  readonly fs: FileSystem;
  readonly dir: string;
  readonly maxStoreBytes: number;
  readonly urlTtlSec: number;
  readonly unfinishedTtlDays: number;
  /** Takes what deletions have left for the sweep. */
  readonly failed?: SweepFailed;
  readonly checkDigest: boolean;
  /** Unix milliseconds. */
  readonly clock: () => number;
  /** For tests of crashes. @default those of this machine */
  readonly processes?: Processes;
  /** For tests that would be slow with real ones. @default 5 MiB */
  readonly minPartBytes?: number;
}
