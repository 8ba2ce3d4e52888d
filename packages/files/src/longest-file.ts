import { readFile, statfs } from "node:fs/promises";

/** How long a file may become. */
export interface LongestFile {
  /** `Infinity` where there is no limit. */
  readonly mostBytes: number;
  /** What has the limit. */
  readonly of: string;
  /** What to do about it. */
  readonly advice: string;
}

/** The longest file that this process can write in a folder. */
export async function longestFileIn(folder: string): Promise<LongestFile> {
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
