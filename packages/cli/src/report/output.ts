import { failureEvent, failureLines, type Failure } from "../failure/failure.js";
import { redact } from "./redact.js";
import { escaped, printable } from "./text-width.js";

/** The flags for how much is printed, and how. */
export interface OutputFlags {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  /** Whether standard output carries an image's bytes, so that everything is printed to standard error. */
  readonly aside?: boolean | undefined;
}

const outOf = ({ aside }: OutputFlags): NodeJS.WriteStream =>
  aside ? process.stderr : process.stdout;

/** Prints lines for people to stdout; nothing with `--quiet`. */
export function printText(flags: OutputFlags, ...lines: readonly string[]): void {
  if (flags.json || flags.quiet) return;
  outOf(flags).write(lines.map((line) => `${printable(redact(line))}\n`).join(""));
}

/** Prints one object a line to stdout; only with `--json`. */
export function printEvent(flags: OutputFlags, event: object): void {
  if (flags.json) outOf(flags).write(`${jsonLine(event)}\n`);
}

const jsonLine = (event: object): string => escaped(JSON.stringify(event));

/** Prints a failure to stderr, in the form that the flags ask for. */
export function printFailure(flags: OutputFlags, failure: Failure, error: unknown): void {
  const text = flags.json
    ? jsonLine(failureEvent(failure))
    : [...failureLines(failure), ...(flags.verbose ? stackLines(error) : [])].join("\n");
  process.stderr.write(`${text}\n`);
}

function stackLines(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = error.stack ?? error.message;
  return redact(own).split("\n").map(printable).concat(stackLines(error.cause));
}
