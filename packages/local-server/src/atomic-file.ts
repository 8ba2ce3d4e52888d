import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import type { FileSystem } from "./file-system.js";
import { hasCode, readFully, writeFully } from "./file-system.js";

/** Names that start so are leftovers of a crash: nothing refers to them. */
const UNFINISHED = "unfinished-";

export const unfinishedName = (): string => UNFINISHED + randomBytes(8).toString("hex");

/** Only while nothing is being written in the folder. */
export async function removeUnfinished(fs: FileSystem, folder: string): Promise<void> {
  const names = await fs.readdir(folder);
  for (const name of names.filter((one) => one.startsWith(UNFINISHED))) {
    await removeIfThere(fs, join(folder, name));
  }
}

export async function removeIfThere(fs: FileSystem, path: string): Promise<void> {
  try {
    await fs.unlink(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

/** Removes what the next start would remove as well: a failure here is not worth one of the call. */
export const removeIfPossible = (fs: FileSystem, path: string): Promise<void> =>
  removeIfThere(fs, path).catch(() => undefined);

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
export async function writeDurably(fs: FileSystem, path: string, text: string): Promise<void> {
  const file = await fs.open(path, "create", 0o600);
  try {
    await writeFully(file, Buffer.from(text), 0);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** @returns The file's text, or undefined if there is no such file. */
export async function readText(fs: FileSystem, path: string): Promise<string | undefined> {
  const file = await openIfThere(fs, path);
  if (file === undefined) return undefined;
  try {
    const pieces: Buffer[] = [];
    for (let offset = 0; ;) {
      const piece = Buffer.alloc(4 * 1024 + offset);
      const bytes = await readFully(file, piece, offset);
      pieces.push(piece.subarray(0, bytes));
      if (bytes < piece.length) return Buffer.concat(pieces).toString();
      offset += bytes;
    }
  } finally {
    await file.close();
  }
}

async function openIfThere(fs: FileSystem, path: string) {
  try {
    return await fs.open(path, "read");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Makes a folder, and those above it where they are missing, for this user alone, and durably. */
export async function ensureFolder(fs: FileSystem, path: string): Promise<void> {
  try {
    await makeFolder(fs, path);
  } catch (error) {
    if (!hasCode(error, "ENOENT") || dirname(path) === path) throw error;
    await ensureFolder(fs, dirname(path));
    await makeFolder(fs, path); // once more and no more: below /proc, ENOENT is all that is ever said
  }
}

async function makeFolder(fs: FileSystem, path: string): Promise<void> {
  try {
    await fs.mkdir(path, 0o700);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return;
    throw error;
  }
  await fs.syncDir(dirname(path));
}
