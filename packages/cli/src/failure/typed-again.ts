import { printable } from "../report/text-width.js";

/**
 * Returns the command that resumes: what was typed, without the files that are done.
 *
 * @param argv The arguments, without node and the script.
 */
export function resumeCommand(argv: readonly string[], done: ReadonlySet<string>): string {
  // `--force` is needed only once: this run took the lock.
  const left = argv.filter((argument) => !done.has(argument) && argument !== "--force");
  return ["img", ...left].map(quoted).join(" ");
}

/**
 * Quotes an argument for a shell. Characters that control a terminal are written by their byte values, which
 * bash, zsh and ksh read.
 */
export function quoted(argument: string): string {
  if (printable(argument) !== argument) return `$'${escapedBytes(argument)}'`;
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

const escapedBytes = (argument: string): string =>
  Array.from(argument, (one) =>
    /['\\]/.test(one) ? `\\${one}` : printable(one) === one ? one : bytesOf(one),
  ).join("");

const bytesOf = (one: string): string => Buffer.from(one).toString("hex").replace(/../g, "\\x$&");
