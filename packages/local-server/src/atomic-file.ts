import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import type { FileSystem } from "./file-system.js";

/** Names that start so are leftovers of a crash: nothing refers to them. */
const UNFINISHED = "unfinished-";

export const unfinishedName = (): string => UNFINISHED + randomBytes(8).toString("hex");

/** Only while nothing is being written in the folder. */
export async function removeUnfinished(fs: FileSystem, folder: string): Promise<void> {
  const names = await fs.readdir(folder);
  for (const name of names.filter((one) => one.startsWith(UNFINISHED))) {
    await fs.unlink(join(folder, name));
  }
}

/** Writes a small file so that, whenever the power fails, all of the old or all of the new is there. */
export async function writeAtomically(fs: FileSystem, path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const temporary = `${folder}/${unfinishedName()}`;
  try {
    await writeDurably(fs, temporary, text);
    await fs.rename(temporary, path);
  } catch (error) {
    await fs.unlink(temporary);
    throw error;
  }
  await fs.syncFolder(folder);
}

/** Creates a small file, whose name is not durable yet. */
export async function writeDurably(fs: FileSystem, path: string, text: string): Promise<void> {
  const file = await fs.open(path, "create");
  try {
    await file.append([Buffer.from(text)]);
    await file.sync();
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
      const piece = Buffer.alloc(64 * 1024);
      const bytes = await file.read(piece, offset);
      if (bytes === 0) return Buffer.concat(pieces).toString();
      pieces.push(piece.subarray(0, bytes));
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
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
