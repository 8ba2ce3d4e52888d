import { readFile, stat } from "node:fs/promises";
import type { Account } from "@img/local-server";
import { UsageError } from "./usage-error.js";

/**
 * Reads who may call: a line is `NAME TOKEN` or `NAME TOKEN public`; `#` begins a comment.
 *
 * @throws {UsageError} The file is others' to read, or a line is wrong. No token is in the message.
 */
export async function readTokensFile(path: string): Promise<readonly Account[]> {
  const { mode } = await stat(path);
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new UsageError(`Others on this machine may read ${path}.`, `Run: chmod 600 ${path}`);
  }
  const accounts = parseTokens(await readFile(path, "utf8"), path);
  if (accounts.length === 0) throw new UsageError(`${path} has no line with a name and a token.`);
  return accounts;
}

function parseTokens(text: string, path: string): Account[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const words = line
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .split(/\s+/);
    const [name = "", token, mark] = words;
    if (name === "") return [];
    if (token === undefined || words.length > 3 || (mark ?? "public") !== "public") {
      throw new UsageError(`Line ${index + 1} of ${path} is not NAME TOKEN, or NAME TOKEN public.`);
    }
    return [{ name, token, isPublic: mark === "public" }];
  });
}
