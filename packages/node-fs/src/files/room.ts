import { readFile, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { NotEnoughSpaceError, TargetUnusableError } from "@img/transfer";

/** How much a target still needs, at most, and how much its disk has. */
export interface LowSpace {
  /** What the rest of the image takes if it has no zeros. */
  readonly neededBytes: number;
  /** What this user may still write there. */
  readonly freeBytes: number;
}

/** What to do where the disk has less room than the rest of an image. */
export interface RoomRule {
  /** Whether that is an error. Else it is told: runs of zeros take no room in a sparse file. */
  readonly requireSpace: boolean;
  readonly onLowSpace?: ((space: LowSpace) => void) | undefined;
}

/** What a file is to become, and what its disk has for it. */
interface Wanted {
  readonly sizeBytes: number;
  readonly missingBytes: number;
  readonly freeBytes: number;
}

/**
 * Looks before the first byte whether a file can become so long, and whether there is room for what is missing.
 *
 * @throws {TargetUnusableError} The file system, or a limit of this process, has only shorter files.
 * @throws {NotEnoughSpaceError} The room is required, and missing.
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

interface LongestFile {
  readonly mostBytes: number;
  /** What has the limit. */
  readonly of: string;
  readonly advice: string;
}

async function longestFileIn(folder: string): Promise<LongestFile> {
  if (process.platform !== "linux") return longestFile(0, "");
  // A folder of a file system in memory is not there; /proc may be hidden in a container.
  const [type, limits] = await Promise.all([
    statfs(folder).then(
      (found) => found.type,
      () => 0,
    ),
    readFile("/proc/self/limits", "utf8").catch(() => ""),
  ]);
  return longestFile(type, limits);
}

/** MSDOS_SUPER_MAGIC of linux/magic.h, of FAT12 to FAT32; exFAT has another, and no such limit. */
const fatType = 0x4d44;

/**
 * The longest file that can be written.
 *
 * @param type The file system's, as `statfs` has it.
 * @param limits The contents of `/proc/self/limits`, where `ulimit -f` stands in bytes.
 */
export function longestFile(type: number, limits: string): LongestFile {
  const [, soft = "Infinity"] = /^Max file size +(\d+)/m.exec(limits) ?? [];
  const byProcess = {
    mostBytes: Number(soft),
    of: "this process",
    advice: "Raise the limit: ulimit -f.",
  };
  const byDisk = {
    mostBytes: 2 ** 32 - 1,
    of: "a FAT file system",
    advice: "Choose a folder on another.",
  };
  return type === fatType && byDisk.mostBytes < byProcess.mostBytes ? byDisk : byProcess;
}

function tooLong(
  path: string,
  sizeBytes: number,
  { mostBytes, of, advice }: LongestFile,
): TargetUnusableError {
  return new TargetUnusableError(
    `${path} would have ${sizeBytes} bytes, but ${mostBytes} are the most for a file of ${of}.`,
    { advice },
  );
}
