import type { Account } from "@img/local-server";
import { readGivenFile } from "./given-file.js";
import { UsageError } from "./usage-error.js";

interface TokenLine extends Account {
  readonly line: number;
}

/**
 * Reads who may call: a line is `NAME TOKEN` or `NAME TOKEN public`; `#` begins a comment.
 *
 * @throws {UsageError} The file is missing or others' to read, or a line is wrong. No token is in the message.
 */
export async function readTokensFile(path: string): Promise<readonly Account[]> {
  const lines = parseTokens(
    await readGivenFile(path, "Give --tokens a file of lines NAME TOKEN.", (mode) =>
      refuseShared(path, mode),
    ),
    path,
  );
  if (lines.length === 0) {
    throw new UsageError(`${path} has no line with a name and a token.`, "Write one: NAME TOKEN");
  }
  for (const key of ["name", "token"] as const) refuseTwice(lines, key, path);
  return lines.map(({ name, token, isPublic }) => ({ name, token, isPublic }));
}

function refuseShared(path: string, mode: number): void {
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new UsageError(`Others on this machine may read ${path}.`, `Run: chmod 600 ${path}`);
  }
}

function parseTokens(text: string, path: string): TokenLine[] {
  return text.split(/\r?\n/).flatMap((written, index) => {
    const line = index + 1;
    const words = written
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .split(/\s+/);
    const [name = "", token, mark] = words;
    if (name === "") return [];
    if (token === undefined || words.length > 3 || (mark ?? "public") !== "public") {
      throw new UsageError(`Line ${line} of ${path} is not NAME TOKEN, or NAME TOKEN public.`);
    }
    if (!/^[0-9A-Za-z_.-]{1,64}$/.test(name)) {
      throw new UsageError(`Line ${line} of ${path}: a name is 1 to 64 of [0-9A-Za-z_.-].`);
    }
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw new UsageError(`Line ${line} of ${path}: a token is of visible ASCII characters.`);
    }
    return [{ name, token, isPublic: mark === "public", line }];
  });
}

function refuseTwice(lines: readonly TokenLine[], key: "name" | "token", path: string): void {
  for (const [index, later] of lines.entries()) {
    const first = lines.slice(0, index).find((earlier) => earlier[key] === later[key]);
    if (first === undefined) continue;
    throw new UsageError(
      `Lines ${first.line} and ${later.line} of ${path} have the same ${key}.`,
      "Give each name one line, and each a token of its own.",
    );
  }
}
