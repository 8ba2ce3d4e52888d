import { failureEvent, failureLines, type Failure } from "../failure/failure.js";
import { redact } from "./redact.js";
import { escaped, printable } from "./text-width.js";

/** How much is said, and how. */
export interface OutputFlags {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  /** Standard output is taken by an image's bytes: everything is said on standard error. */
  readonly aside?: boolean | undefined;
}

const outOf = ({ aside }: OutputFlags): NodeJS.WriteStream =>
  aside ? process.stderr : process.stdout;

/** Lines for people, on stdout; `--quiet` leaves them out. */
export function printText(flags: OutputFlags, ...lines: readonly string[]): void {
  if (flags.json || flags.quiet) return;
  outOf(flags).write(lines.map((line) => `${printable(redact(line))}\n`).join(""));
}

/** One object a line, on stdout; only with `--json`. */
export function printEvent(flags: OutputFlags, event: object): void {
  if (flags.json) outOf(flags).write(`${jsonLine(event)}\n`);
}

const jsonLine = (event: object): string => escaped(JSON.stringify(event));

/** A failure, on stderr, as the flags want it. */
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
