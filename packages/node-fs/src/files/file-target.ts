import { createHash } from "node:crypto";
import { basename, dirname, join, resolve, sep } from "node:path";
import { TargetExistsError, TargetUnusableError } from "@img/transfer";
import { hasCode, whatItIs, type FileStat, type FileSystem } from "@img/files";
import { messageOf } from "./message-of.js";

/**
 * Returns the path of a download's part file. It is so short that journal, lock and draft beside it, whose names begin
 * with it, are valid names too.
 */
export function partPathOf(target: string): string {
  const path = resolve(target);
  return join(dirname(path), `${shortened(basename(path))}.img-part`);
}

/** File systems allow names of 255 bytes. The longest one beside a part file is that of the journal's draft. */
const longestStemBytes = 255 - ".img-part.journal.0123456789abcdef.new".length;

/** Shortens a name as the names of journals are shortened. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= longestStemBytes) return name;
  const hash = createHash("sha256").update(name).digest("hex");
  return `${name.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 60)}-${hash.slice(0, 16)}`;
}

/** The lock of the journal beside a part file. */
export const lockPathOf = (partPath: string): string => `${partPath}.lock`;

/** The new name of a part file to which the former holder of its lock may still write. */
export const formerPathOf = (partPath: string): string => `${partPath}.former`;

/** Whether a regular file at the target may be replaced. */
interface Replacing {
  readonly overwrite: boolean;
}

/**
 * Checks that a download can be written to a target. Creates nothing.
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
  if (target.endsWith("/") || target.endsWith(sep)) await checkFolder(path, fs);
  try {
    await fs.stat(dirname(path));
  } catch (error) {
    throw targetUnusable(error, path);
  }
  if (!(await isHalfCommitted(fs, path))) await checkTarget(fs, path, overwrite);
}

/** Checks that a folder exists, whose path was given with a separator at its end. */
async function checkFolder(path: string, fs: FileSystem): Promise<void> {
  const found = await fs.stat(path).catch(() => null);
  if (found?.type === "directory") return;
  throw new TargetUnusableError(`There is no folder ${path}.`, { advice: "Make it first." });
}

/** Whether there is a regular file at the target that is not the result of a half-finished commit. */
export async function isWholeFile(target: string, fs: FileSystem): Promise<boolean> {
  const path = resolve(target);
  const found = await lookAt(fs, path);
  return found?.type === "file" && !(await isHalfCommitted(fs, path));
}

/**
 * Whether target and part file are two names of one file, as a crash in the middle of a commit leaves them. Then the
 * download continues from its receipts.
 */
export async function isHalfCommitted(fs: FileSystem, path: string): Promise<boolean> {
  const target = await lookAt(fs, path);
  if (target === null) return false;
  const part = partPathOf(path);
  const parts = [await lookAt(fs, part), await lookAt(fs, formerPathOf(part))];
  return parts.some((one) => one?.ino === target.ino && one.dev === target.dev);
}

/** @throws {TargetExistsError} There is something that may not be replaced; a link never is. */
export async function checkTarget(fs: FileSystem, path: string, overwrite: boolean): Promise<void> {
  const found = await lookAt(fs, path);
  if (found === null || (found.type === "file" && overwrite)) return;
  throw new TargetExistsError(path, refusals[found.type]);
}

const refusals: Readonly<Record<FileStat["type"], string>> = {
  ...whatItIs,
  file: "already there",
  symlink: "a symbolic link, which is not followed",
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
    return new TargetUnusableError(`There is no folder ${dirname(path)}.`, {
      advice: "Make it first.",
      cause,
    });
  }
  const what = `Could not write ${basename(path)} in ${dirname(path)}: ${messageOf(cause)}`;
  return new TargetUnusableError(what, { cause });
}
