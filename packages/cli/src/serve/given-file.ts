import { readFile, stat } from "node:fs/promises";
import { UsageError } from "../failure/usage-error.js";

/**
 * Reads a file that a flag names, or a pipe (`<(…)` of a shell).
 *
 * @param hint What to give the flag, as a sentence.
 * @param refuse Throws if the file's mode is not acceptable.
 * @throws {UsageError} It is missing, not a file, or this user may not read it.
 */
export async function readGivenFile(
  path: string,
  hint: string,
  refuse: (mode: number) => void = () => undefined,
): Promise<string> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new UsageError(`${path} is not a file.`, hint);
    refuse(found.mode);
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw code === "ENOENT"
      ? new UsageError(`There is no file ${path}.`, hint)
      : new UsageError(`${path} can't be read (${code}).`, hint);
  }
}
