import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { hasCode, unlessMissing, writeFully, type FileSystem } from "./file-system.js";
import { readWhole } from "./regular-file.js";

/** Files with this prefix are leftovers of a crash: nothing refers to them. */
const unfinished = "unfinished-";

/** A unique name for an unfinished file. */
export const unfinishedName = (): string => unfinished + randomBytes(8).toString("hex");

/** Deletes the unfinished files of a folder. Only while nothing is being written in it. */
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

/** Deletes a leftover. Failures are ignored, since the next start deletes it too. */
export const removeIfPossible = (fs: FileSystem, path: string): Promise<void> =>
  removeIfThere(fs, path).catch(() => undefined);

/**
 * Deletes the files beside `path` whose names are its own, a dot and more, except those that `keep`
 * picks. A failure leaves garbage and no harm.
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
 * Writes a small file so that, whenever the power fails, all of the old or all of the new is there.
 * After a rejection it may be either, until it is written again.
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

/** Creates a small file, whose name is not durable yet. */
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
 * @throws {NotAFileError} A link, a pipe, a folder or the like stands there.
 */
export async function readText(fs: FileSystem, path: string): Promise<string | undefined> {
  const bytes = await readWhole(fs, path).catch(unlessMissing);
  return bytes === null ? undefined : Buffer.from(bytes).toString();
}

/** Makes a folder, and those above it where they are missing, durably. `mode` is for all that are made. */
export async function ensureFolder(fs: FileSystem, path: string, mode: number): Promise<void> {
  try {
    await makeFolder(fs, path, mode);
  } catch (error) {
    if (!hasCode(error, "ENOENT") || dirname(path) === path) throw error;
    await ensureFolder(fs, dirname(path), mode);
    // Once: in /proc a folder that is there may say of every name that it is not.
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
