import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { hasCode, unlessMissing, writeFully, type FileSystem } from "./file-system.js";
import { readWhole } from "./regular-file.js";

/** The prefix of files that a crash leaves behind: nothing refers to them. */
const unfinished = "unfinished-";

/** Returns a unique name for an unfinished file. */
export const unfinishedName = (): string => unfinished + randomBytes(8).toString("hex");

/** Deletes the unfinished files of a folder. Call it only while nothing is being written there. */
export async function removeUnfinished(fs: FileSystem, folder: string): Promise<void> {
  const names = await fs.readdir(folder);
  for (const name of names.filter((one) => one.startsWith(unfinished))) {
    await removeIfThere(fs, join(folder, name));
  }
}

/** Deletes a file, if there is one. */
export async function removeIfThere(fs: FileSystem, path: string): Promise<void> {
  await fs.unlink(path).catch(unlessMissing);
}

/** Deletes a leftover. Failures are ignored, since the next start tries again. */
export const removeIfPossible = (fs: FileSystem, path: string): Promise<void> =>
  removeIfThere(fs, path).catch(() => undefined);

/**
 * Deletes the files beside `path` whose names are its name, a dot and more, except those that `keep` selects.
 * If that fails, the files are only garbage.
 */
export async function sweepBeside(
  fs: FileSystem,
  path: string,
  keep: (rest: string) => boolean = () => false,
): Promise<void> {
  const start = `${basename(path)}.`;
  const names = await fs.readdir(dirname(path)).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(start))) {
    if (!keep(name.slice(start.length))) await removeIfPossible(fs, join(dirname(path), name));
  }
}

/**
 * Replaces a small file so that, whenever the power fails, either all of the old or all of the new content is
 * there. After a rejection it may be either, until the file is written again.
 */
export async function writeAtomically(fs: FileSystem, path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const temporary = `${folder}/${unfinishedName()}`;
  try {
    await writeDurably(fs, temporary, text);
    await fs.rename(temporary, path);
  } catch (error) {
    await removeIfPossible(fs, temporary);
    throw error;
  }
  await fs.syncDir(folder);
}

/** Creates a small file with durable content. Its name is not durable yet. */
export async function writeDurably(
  fs: FileSystem,
  path: string,
  text: string,
  mode = 0o600,
): Promise<void> {
  const file = await fs.open(path, "create", mode);
  try {
    await writeFully(file, Buffer.from(text), 0);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/**
 * Reads a small file. Resolves to undefined if there is none.
 *
 * @throws {NotAFileError} There is a link, a pipe, a folder or the like at this path.
 */
export async function readText(fs: FileSystem, path: string): Promise<string | undefined> {
  const bytes = await readWhole(fs, path).catch(unlessMissing);
  return bytes === null ? undefined : Buffer.from(bytes).toString();
}

/** Creates a folder durably, and those above it if they are missing. `mode` is for all that are created. */
export async function ensureFolder(fs: FileSystem, path: string, mode: number): Promise<void> {
  try {
    await makeFolder(fs, path, mode);
  } catch (error) {
    if (!hasCode(error, "ENOENT") || dirname(path) === path) throw error;
    await ensureFolder(fs, dirname(path), mode);
    // Tried once only: /proc may report ENOENT for every name in a folder that exists.
    await makeFolder(fs, path, mode);
  }
}

async function makeFolder(fs: FileSystem, path: string, mode: number): Promise<void> {
  try {
    await fs.mkdir(path, mode);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return;
    throw error;
  }
  await fs.syncDir(dirname(path));
}
