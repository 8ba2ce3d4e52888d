import { printable } from "../report/text-width.js";

/**
 * The command that resumes: what was typed, without what is done already.
 *
 * @param argv As given, without node and the script.
 */
export function resumeCommand(argv: readonly string[], done: ReadonlySet<string>): string {
  // Taking over is for this once: the lock is ours by then.
  const left = argv.filter((argument) => !done.has(argument) && argument !== "--force");
  return ["img", ...left].map(quoted).join(" ");
}

/** For a shell: what would drive a terminal is written by its bytes, which bash, zsh and ksh read. */
function quoted(argument: string): string {
  if (printable(argument) !== argument) return `$'${escapedBytes(argument)}'`;
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

const escapedBytes = (argument: string): string =>
  Array.from(argument, (one) =>
    /['\\]/.test(one) ? `\\${one}` : printable(one) === one ? one : bytesOf(one),
  ).join("");

const bytesOf = (one: string): string => Buffer.from(one).toString("hex").replace(/../g, "\\x$&");
