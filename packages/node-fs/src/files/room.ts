import { dirname } from "node:path";
import { longestFileIn, type LongestFile } from "@img/files";
import { NotEnoughSpaceError, TargetUnusableError } from "@img/transfer";

/** How much space the rest of a download needs at most, and how much its disk has. */
export interface LowSpace {
  /** What the rest of the image takes if it has no zeros. */
  readonly neededBytes: number;
  /** What this user may still write there. */
  readonly freeBytes: number;
}

/** What to do if the disk has less space than the rest of an image needs. */
export interface RoomRule {
  /** Whether that is an error. If not, `onLowSpace` is called: runs of zeros take no space in a sparse file. */
  readonly requireSpace: boolean;
  readonly onLowSpace?: ((space: LowSpace) => void) | undefined;
}

/** The file that is to be written. */
interface Wanted {
  readonly sizeBytes: number;
  readonly missingBytes: number;
  readonly freeBytes: number;
}

/**
 * Checks before the first byte that a file can have this length, and that there is space for the missing bytes.
 *
 * @throws {TargetUnusableError} The file system, or a limit of this process, does not allow so long a file.
 * @throws {NotEnoughSpaceError} There is too little space, and it is required.
 */
export async function checkRoom(
  path: string,
  { sizeBytes, missingBytes, freeBytes }: Wanted,
  { requireSpace, onLowSpace }: RoomRule,
): Promise<void> {
  const longest = await longestFileIn(dirname(path));
  if (sizeBytes > longest.mostBytes) throw tooLong(path, sizeBytes, longest);
  if (freeBytes >= missingBytes) return;
  if (requireSpace) throw new NotEnoughSpaceError(missingBytes, freeBytes);
  onLowSpace?.({ neededBytes: missingBytes, freeBytes });
}

function tooLong(
  path: string,
  sizeBytes: number,
  { mostBytes, of, advice }: LongestFile,
): TargetUnusableError {
  return new TargetUnusableError(
    `${path} would have ${sizeBytes} bytes, but a file of ${of} can have at most ${mostBytes}.`,
    { advice },
  );
}
