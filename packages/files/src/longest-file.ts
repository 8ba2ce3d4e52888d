import { readFile, statfs } from "node:fs/promises";

/** The maximum length of a file. */
export interface LongestFile {
  /** The maximum; `Infinity` if there is none. */
  readonly mostBytes: number;
  /** What sets the limit. */
  readonly of: string;
  /** What to do about it. */
  readonly advice: string;
}

/** Returns the longest file that this process can write in a folder. */
export async function longestFileIn(folder: string): Promise<LongestFile> {
  if (process.platform !== "linux") return longestFile(0, "");
  // The folder does not exist on the real disk if the file system is in memory; /proc may be hidden in a
  // container.
  const [type, limits] = await Promise.all([
    statfs(folder).then(
      (found) => found.type,
      () => 0,
    ),
    readFile("/proc/self/limits", "utf8").catch(() => ""),
  ]);
  return longestFile(type, limits);
}

/**
 * MSDOS_SUPER_MAGIC of linux/magic.h: the type of FAT12 to FAT32. exFAT has another type, and no such limit.
 */
const fatType = 0x4d44;

/**
 * Returns the longest file that can be written.
 *
 * @param type The file system's type, from `statfs`.
 * @param limits The contents of `/proc/self/limits`, which have `ulimit -f` in bytes.
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
    advice: "Choose a folder on another file system.",
  };
  return type === fatType && byDisk.mostBytes < byProcess.mostBytes ? byDisk : byProcess;
}
