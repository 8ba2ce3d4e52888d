import { readFile } from "node:fs/promises";
import { readUrlText } from "@img/node-fs";
import { labelOf, nameOf, urlIn } from "./upload-input.js";
import { UsageError } from "../failure/usage-error.js";

/** The flags for the expected SHA-256. */
export interface DigestFlags {
  readonly sha256?: string;
  readonly sourceSha256?: string;
  readonly sha256sums?: string;
}

/** The SHA-256 that a file must have; undefined if none was given. @throws {UsageError} The list has none for it, or several. */
export type DigestOf = (file: string) => string | undefined;

/**
 * Returns what tells the SHA-256 of each file. The list is read once, since it may be a pipe.
 *
 * @throws {UsageError} The flags contradict each other, or the list cannot be used.
 */
export async function sourceDigests(
  files: readonly string[],
  { sha256, sourceSha256, sha256sums }: DigestFlags,
): Promise<DigestOf> {
  if ((sha256 ?? sourceSha256) !== undefined && files.length > 1) {
    throw new UsageError(
      "--sha256 and --source-sha256 are for one file.",
      "For several files, use --sha256sums.",
    );
  }
  if (sha256sums === undefined) return () => sourceSha256;
  if (sourceSha256 !== undefined) {
    throw new UsageError(
      "Both --source-sha256 and --sha256sums give the file's SHA-256.",
      "Leave one of them out.",
    );
  }
  const text = await readSums(sha256sums);
  const from = labelOf(sha256sums);
  return (file) => sha256In(text, nameOf(file), from);
}

/** How long to wait for a web server that sends nothing of a list. */
const retryBudgetMs = 60_000;

/** Reads a list of SHA-256s. @throws {UsageError} It cannot be read. */
async function readSums(path: string): Promise<string> {
  const url = urlIn(path);
  if (url !== null) return readUrlText(url, { retryBudgetMs });
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `Could not read ${path}: ${why}.`,
      "Give --sha256sums the file's path or URL.",
    );
  }
}

/**
 * The forms of a line: `HEX  NAME` and `HEX *NAME`, as sha256sum writes; `SHA256 (NAME) = HEX`, as BSD and
 * `--tag` write. A `\` in front means that the name has a line break, a carriage return or a `\`, each written
 * as an escape.
 */
const forms = [
  /^(?<escaped>\\?)(?<hex>[0-9a-f]{64}) [ *](?<name>.+)$/i,
  /^(?<escaped>\\?)SHA256 \((?<name>.+)\) = (?<hex>[0-9a-f]{64})$/i,
];

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", "\\": "\\" };

const unescaped = (name: string): string =>
  name.replace(/\\([nr\\])/g, (_, escape: string) => escapes[escape]!);

/**
 * Returns the SHA-256 of a file by its name, without folders.
 *
 * @param from The list's path, for a message.
 * @throws {UsageError} The list has none for it, or several.
 */
export function sha256In(text: string, file: string, from: string): string {
  const lines = text.split(/\r?\n/).flatMap(entryIn);
  const found = new Set(lines.filter(({ name }) => name === file).map(({ hex }) => hex));
  const [only, ...others] = found;
  if (only === undefined) {
    throw new UsageError(
      `${from} has no SHA-256 of ${file}.`,
      "Check that the list is of this file.",
    );
  }
  if (others.length > 0) {
    throw new UsageError(
      `${from} has several SHA-256s of ${file}.`,
      "Give the right one by --source-sha256.",
    );
  }
  return only;
}

function entryIn(line: string): { readonly name: string; readonly hex: string }[] {
  for (const form of forms) {
    const { name, hex, escaped } = form.exec(line)?.groups ?? {};
    if (name !== undefined && hex !== undefined) {
      const path = escaped === "" ? name : unescaped(name);
      return [{ name: path.slice(path.lastIndexOf("/") + 1), hex: hex.toLowerCase() }];
    }
  }
  return [];
}
