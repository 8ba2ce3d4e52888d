import {
  hasCode,
  NotAFileError,
  openRegular,
  removeIfThere,
  unlessMissing,
  type FileStat,
  type FileSystem,
  type OpenFile,
  type RegularFile,
} from "@img/files";
import { TargetUnusableError } from "@img/transfer";
import { lockPathOf, targetUnusable } from "./file-target.js";
import { PartFile, type PartFileOptions } from "./part-file.js";

/**
 * Opens the part file of an earlier run, if only this user can write to it. In a folder that others may write
 * to, another user could have put a file there, and change it after it was verified.
 *
 * @returns Null if there is none, or none that may be used.
 * @throws {TargetUnusableError} Something else stands there.
 */
export async function openPartFile(
  path: string,
  fs: FileSystem,
  options: PartFileOptions,
): Promise<PartFile | null> {
  const found = await openRegular(fs, path, "update").catch((error: unknown) => {
    if (hasCode(error, "EACCES", "EPERM")) return null; // another user's
    return unlessMissing(unusable(error, path));
  });
  if (found === null) return null;
  if (await isOurs(fs, path, found.stat)) return partFile(path, fs, found, options);
  await found.file.close();
  return null;
}

/** Makes an empty part file, and replaces what is there. @throws {TargetUnusableError} It cannot be made. */
export async function makePartFile(
  path: string,
  fs: FileSystem,
  options: PartFileOptions,
): Promise<PartFile> {
  let file: OpenFile | null = null;
  try {
    await removeIfThere(fs, path);
    file = await fs.open(path, "create");
    return partFile(path, fs, { file, stat: await file.stat() }, options);
  } catch (error) {
    await file?.close().catch(() => undefined); // the first error says more
    throw targetUnusable(error, path);
  }
}

/** Whether a file has the owner and mode of the lock beside it, which this process has just made in the same way. */
async function isOurs(
  fs: FileSystem,
  path: string,
  { uid, mode, nlink }: FileStat,
): Promise<boolean> {
  const lock = await fs.lstat(lockPathOf(path)).catch((error: unknown) => {
    throw targetUnusable(error, path);
  });
  return lock.type === "file" && uid === lock.uid && mode === lock.mode && nlink === 1n;
}

function partFile(
  path: string,
  fs: FileSystem,
  { file, stat: { dev, ino } }: RegularFile,
  options: PartFileOptions,
): PartFile {
  return new PartFile(path, `${dev}:${ino}`, fs, file, options);
}

/** Wraps an error in TargetUnusableError, except ENOENT. */
function unusable(error: unknown, path: string): unknown {
  if (error instanceof NotAFileError)
    return new TargetUnusableError(error.message, { cause: error });
  return hasCode(error, "ENOENT") ? error : targetUnusable(error, path);
}
