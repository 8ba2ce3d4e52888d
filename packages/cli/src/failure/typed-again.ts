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

/** For a POSIX shell. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
