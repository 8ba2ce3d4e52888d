import { lstat } from "node:fs/promises";
import { posix, win32 } from "node:path";
import { UsageError } from "../failure/usage-error.js";
import { urlIn } from "./upload-input.js";

/**
 * Returns the files that the arguments name. Shells expand patterns; if one did not (Windows, or quotes), a
 * pattern that is not the name of a file is expanded here. A pattern without a match stays, and is reported as
 * missing.
 *
 * @throws {UsageError} An argument is empty.
 */
export async function expandFiles(
  files: readonly string[],
  platform: NodeJS.Platform = process.platform,
): Promise<readonly string[]> {
  const expanded: string[] = [];
  for (const file of files) expanded.push(...(await expandFile(file, platform)));
  return expanded;
}

async function expandFile(file: string, platform: NodeJS.Platform): Promise<readonly string[]> {
  if (file === "")
    throw new UsageError("An argument is empty.", "Check the variables in the command.");
  if (!/[*?[{]/.test(file) || urlIn(file) !== null || (await isThere(file))) return [file];
  const { glob } = await import("tinyglobby");
  // In a pattern, \ makes the next character literal; on Windows it separates folders.
  const pattern = platform === "win32" ? file.replaceAll("\\", "/") : file;
  const absolute = (platform === "win32" ? win32 : posix).isAbsolute(file);
  const found = await glob(pattern, { absolute, dot: false, expandDirectories: false });
  return found.length === 0 ? [file] : found.sort();
}

const isThere = async (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );
