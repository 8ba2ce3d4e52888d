import { CommanderError, type Command } from "commander";
import { isCommand } from "./command-table.js";
import { exitCode, type ExitCode } from "./failure/exit-code.js";
import { explain } from "./failure/failure.js";
import { warnOfOldNode } from "./start/old-node.js";
import { printFailure } from "./report/output.js";
import { programFor } from "./program.js";
import { UsageError } from "./failure/usage-error.js";

/**
 * Runs one command line.
 *
 * @param argv Without node and the script.
 * @returns The exit code; everything that is to be said was said.
 */
export async function runImg(argv: readonly string[]): Promise<number> {
  warnOfOldNode(argv);
  try {
    const program = await programFor(argv);
    adopt(program);
    if (argv[0] === "help") checkHelp(argv[1]);
    if (argv.length === 0) program.help();
    await program.parseAsync([...argv], { from: "user" });
    return Number(process.exitCode ?? exitCode.done);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCode.done;
    return printError(argv, error instanceof CommanderError ? usageOf(error, argv) : error);
  }
}

/** What was to be told could not be written, as where the disk is full. */
export class OutputError extends Error {
  /** As of any other target. */
  readonly code = "DISK";
  constructor(options: { readonly cause: Error }) {
    super(`Could not write to standard output: ${options.cause.message}`, options);
  }
}

/** Prints what went wrong as the command line wants it. @returns The exit code. */
export function printError(argv: readonly string[], error: unknown): ExitCode {
  const failure = explain(error);
  printFailure({ json: argv.includes("--json"), verbose: hasVerbose(argv) }, failure, error);
  return failure.exitCode;
}

const hasVerbose = (argv: readonly string[]): boolean =>
  argv.includes("--verbose") || argv.includes("-v");

/** Errors come out as ours, for the subcommands too. */
function adopt(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined });
  for (const sub of command.commands) adopt(sub);
}

/** Commander prints the whole help instead. */
function checkHelp(name: string | undefined): void {
  if (name !== undefined && !name.startsWith("-") && !isCommand(name)) {
    throw new UsageError(`Unknown command '${name}'.`, "See: img --help");
  }
}

/** Commander's own second line is a suggestion. */
function usageOf({ message }: CommanderError, argv: readonly string[]): UsageError {
  const [what, ...more] = message.replace(/^error: /, "").split("\n");
  const suggestion = more.join(" ").replace(/^\(|\)$/g, "");
  return new UsageError(
    `${capital(what!)}.`.replace(/\.\.$/, "."),
    suggestion || `See: ${["img", ...named(argv), "--help"].join(" ")}`,
  );
}

/** The command, and its own one, as they were typed. */
function named([command = "", sub = ""]: readonly string[]): string[] {
  if (!isCommand(command)) return [];
  return command === "transfers" && ["resume", "forget"].includes(sub) ? [command, sub] : [command];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
