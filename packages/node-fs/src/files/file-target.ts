import { basename, dirname, resolve } from "node:path";
import { TargetExistsError, TargetUnusableError } from "@img/transfer";
import { type FileStat, type FileSystem, hasCode } from "@img/files";

/** Where a download's part file stands. */
export const partPathOf = (target: string): string => `${resolve(target)}.img-part`;

/** Whether a regular file at the target may be replaced. */
interface Replacing {
  readonly overwrite: boolean;
}

/**
 * Looks whether a download can go there, and makes nothing.
 *
 * @throws {TargetExistsError} As `openFileSink` does.
 * @throws {TargetUnusableError} Its folder is missing.
 */
export async function checkFileTarget(
  target: string,
  { overwrite }: Replacing,
  fs: FileSystem,
): Promise<void> {
  const path = resolve(target);
  try {
    await fs.stat(dirname(path));
  } catch (error) {
    throw targetUnusable(error, path);
  }
  if (!(await isHalfCommitted(fs, path))) await checkTarget(fs, path, overwrite);
}

/** Whether a regular file stands there that is not half of a commit which a crash has ended. */
export async function isWholeFile(target: string, fs: FileSystem): Promise<boolean> {
  const path = resolve(target);
  const found = await lookAt(fs, path);
  return found?.type === "file" && !(await isHalfCommitted(fs, path));
}

/**
 * A crash between the two steps of giving the target its name leaves both: then it is not committed
 * yet, and goes on from its receipts.
 */
export async function isHalfCommitted(fs: FileSystem, path: string): Promise<boolean> {
  const [target, part] = await Promise.all([lookAt(fs, path), lookAt(fs, partPathOf(path))]);
  return target !== null && part !== null && target.ino === part.ino && target.dev === part.dev;
}

/** @throws {TargetExistsError} Something stands there that may not be replaced; links never are. */
export async function checkTarget(fs: FileSystem, path: string, overwrite: boolean): Promise<void> {
  const found = await lookAt(fs, path);
  if (found === null || (found.type === "file" && overwrite)) return;
  throw new TargetExistsError(path, whatItIs[found.type]);
}

const whatItIs: Readonly<Record<FileStat["type"], string>> = {
  file: "already there",
  directory: "a folder",
  symlink: "a symbolic link, which is not followed",
  other: "not a regular file",
};

async function lookAt(fs: FileSystem, path: string): Promise<FileStat | null> {
  try {
    return await fs.lstat(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw targetUnusable(error, path);
  }
}

export function targetUnusable(cause: unknown, path: string): TargetUnusableError {
  if (hasCode(cause, "ENOENT", "ENOTDIR")) {
    return new TargetUnusableError(`There is no folder ${dirname(path)}. Make it first.`, {
      cause,
    });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TargetUnusableError(`Could not write ${basename(path)} in ${dirname(path)}: ${why}`, {
    cause,
  });
}
