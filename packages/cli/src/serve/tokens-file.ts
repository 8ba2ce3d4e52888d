import { accountNamePattern, tokenPattern, type Account } from "@img/local-server";
import { readGivenFile } from "./given-file.js";
import { UsageError } from "../failure/usage-error.js";

interface TokenLine extends Account {
  readonly line: number;
}

/**
 * Reads the accounts: a line is `NAME TOKEN`, then optionally `public`, `workspaces=NAME,NAME` or both; `#`
 * begins a comment.
 *
 * @throws {UsageError} The file is missing, others may read it, or a line is wrong. No token is in the message.
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
  return lines.map(({ name, token, isPublic, workspaces }) => ({
    name,
    token,
    isPublic,
    workspaces,
  }));
}

function refuseShared(path: string, mode: number): void {
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new UsageError(`Other users of this machine may read ${path}.`, `Run: chmod 600 ${path}`);
  }
}

function parseTokens(text: string, path: string): TokenLine[] {
  return text.split(/\r?\n/).flatMap((written, index) => {
    const line = index + 1;
    const words = written
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .split(/\s+/);
    const [name = "", token, ...marks] = words;
    if (name === "") return [];
    if (token === undefined) throw notALine(line, path);
    const account = { name, token, ...readMarks(marks, () => notALine(line, path)), line };
    if (![name, ...account.workspaces].every((one) => accountNamePattern.test(one))) {
      throw new UsageError(
        `Line ${line} of ${path}: a name must have 1 to 64 characters of [0-9A-Za-z_.-].`,
      );
    }
    if (!tokenPattern.test(token)) {
      throw new UsageError(
        `Line ${line} of ${path}: a token must have visible ASCII characters only.`,
      );
    }
    return [account];
  });
}

/** Reads the marks behind the token: each at most once, in any order. */
function readMarks(
  marks: readonly string[],
  wrong: () => UsageError,
): { isPublic: boolean; workspaces: readonly string[] } {
  const isPublic = marks.includes("public");
  const named = marks.find((mark) => mark.startsWith("workspaces="));
  if (marks.length !== Number(isPublic) + Number(named !== undefined)) throw wrong();
  return { isPublic, workspaces: named?.slice("workspaces=".length).split(",") ?? [] };
}

const notALine = (line: number, path: string) =>
  new UsageError(
    `Line ${line} of ${path} is not NAME TOKEN, optionally followed by "public" or "workspaces=NAME,NAME".`,
  );

function refuseTwice(lines: readonly TokenLine[], key: "name" | "token", path: string): void {
  for (const [index, later] of lines.entries()) {
    const first = lines.slice(0, index).find((earlier) => earlier[key] === later[key]);
    if (first === undefined) continue;
    throw new UsageError(
      `Lines ${first.line} and ${later.line} of ${path} have the same ${key}.`,
      "Give each name its own line and its own token.",
    );
  }
}
