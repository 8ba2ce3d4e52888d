import type { DiskDescription, DiskFormat } from "@img/disk-formats";
import type { Finding } from "@img/disk-formats/check";

/** How a file of an upload is read. */
export interface DiskImageOptions {
  /**
   * What the file is. A disk image in another format goes up as the raw disk that it describes; `"raw"` sends
   * the bytes of any file as they are.
   * @default "auto": told by the file's content, never by its name
   */
  readonly format?: DiskFormat | "auto" | undefined;
  /** Called before anything is sent, where the file is a disk image that is not raw. */
  readonly onDisk?: ((description: DiskDescription) => void) | undefined;
  /**
   * Called for each finding of a look whether the disk can boot, the worst first, before anything is created.
   * Nothing is checked if neither this nor `onEvent` is given.
   */
  readonly onFinding?: ((finding: Finding) => void) | undefined;
  /** Ends the opening early. */
  readonly signal?: AbortSignal | undefined;
}
