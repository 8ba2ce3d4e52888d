import { CommanderError, type Command } from "commander";
import { aliases, commandTable, isCommand } from "./command-table.js";
import { closest } from "./failure/closest.js";
import { exitCode, type ExitCode } from "./failure/exit-code.js";
import { explain } from "./failure/failure.js";
import { warnOfOldNode } from "./start/old-node.js";
import { printFailure } from "./report/output.js";
import { programFor } from "./program.js";
import { UsageError } from "./failure/usage-error.js";

/**
 * Runs one command line.
 *
 * @param argv The arguments, without node and the script.
 * @returns The exit code. All messages have been printed.
 */
export async function runImg(argv: readonly string[]): Promise<number> {
  if (argv[0] === "complete") return completeWords(argv.slice(argv[1] === "--" ? 2 : 1));
  warnOfOldNode(argv);
  try {
    if (argv[0] === "help" && argv.includes("--json")) {
      const { describeCommands } = await import("./help/describe.js");
      describeCommands(commandTable);
      return exitCode.done;
    }
    const program = await programFor(argv);
    adopt(program);
    if (argv.length === 1 && argv[0] === "-v") return await runImg(["--version"]);
    if (argv[0] === "help") checkHelp(argv[1]);
    // Commander's own help does not know subcommands.
    if (argv[0] === "help" && argv.length > 2) return await runImg([...argv.slice(1), "--help"]);
    checkSubcommand(program, argv);
    if (argv.length === 0) program.help();
    await program.parseAsync([...argv], { from: "user" });
    return Number(process.exitCode ?? exitCode.done);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCode.done;
    return printError(argv, error instanceof CommanderError ? usageOf(error, argv) : error);
  }
}

/** Prints the completions that a shell asks for. */
async function completeWords(words: readonly string[]): Promise<number> {
  const { complete } = await import("./completion/complete.js");
  await complete(words, commandTable, aliases);
  return exitCode.done;
}

/** The output could not be written, for example because the disk is full. */
export class OutputError extends Error {
  /** The same code as that of any other target. */
  readonly code = "DISK";
  constructor(options: { readonly cause: Error }) {
    super(`Could not write to standard output: ${options.cause.message}`, options);
  }
}

/** Prints an error in the form that the command line asks for. @returns The exit code. */
export function printError(argv: readonly string[], error: unknown): ExitCode {
  const failure = explain(error);
  printFailure({ json: argv.includes("--json"), verbose: hasVerbose(argv) }, failure, error);
  return failure.exitCode;
}

const hasVerbose = (argv: readonly string[]): boolean =>
  argv.includes("--verbose") || argv.includes("-v");

/** Makes commander, also in subcommands, throw errors of our own. */
function adopt(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined });
  for (const sub of command.commands) adopt(sub);
}

/** Refuses `img help` for an unknown command. Commander would print the whole help. */
function checkHelp(name: string | undefined): void {
  if (name !== undefined && !name.startsWith("-") && !isCommand(name)) {
    throw new UsageError(`Unknown command '${name}'.`, "See: img --help");
  }
}

/**
 * Refuses an unknown subcommand. Of `img transfers foo`, commander would say that there are too many arguments.
 */
function checkSubcommand(program: Command, [name = "", given = ""]: readonly string[]): void {
  const command = program.commands.find((one) => one.name() === (aliases[name] ?? name));
  const subcommands = command?.commands.map((one) => one.name()) ?? [];
  if (given === "" || given.startsWith("-") || subcommands.length === 0) return;
  if (subcommands.includes(given) || given === "help") return;
  const meant = closest(given, subcommands);
  throw new UsageError(
    `img ${name} has no subcommand '${given}'.`,
    meant === undefined
      ? `It has: ${subcommands.join(", ")}. See: img ${name} --help`
      : `Did you mean: img ${name} ${meant}`,
  );
}

/** Makes a usage error of commander's. The second line of its message is a suggestion. */
function usageOf({ message }: CommanderError, argv: readonly string[]): UsageError {
  const [what, ...more] = message.replace(/^error: /, "").split("\n");
  const suggestion = more.join(" ").replace(/^\(|\)$/g, "");
  return new UsageError(
    `${capital(what!)}.`.replace(/\.\.$/, "."),
    suggestion || `See: ${["img", ...named(argv), "--help"].join(" ")}`,
  );
}

/** Returns the command and its subcommand as they were typed. */
function named([command = "", sub = ""]: readonly string[]): string[] {
  if (!isCommand(command)) return [];
  const hasSub = { transfers: ["resume", "forget"], config: ["path", "get", "set"] }[command];
  return hasSub?.includes(sub) ? [command, sub] : [command];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
