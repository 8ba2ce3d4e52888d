import { exitCode, type ExitCode } from "./exit-code.js";
import { processLimit } from "./process-limit.js";
import { redact } from "../report/redact.js";
import { solutions } from "./solutions.js";
import { printable } from "../report/text-width.js";

/** A failure as it is told to people and programs. */
export interface Failure {
  readonly code: string;
  readonly exitCode: ExitCode;
  /** What happened and why, in one line. */
  readonly message: string;
  /** What to do about it, in one line; absent where nobody knows. */
  readonly hint: string | undefined;
  /** The command that goes on where this one ended; absent where none does. */
  readonly resume: string | undefined;
}

/** Where a transfer stood when it failed. */
export interface Standing {
  /** The command that goes on; null where none can. */
  readonly resume: string | null;
  /** How far it is, or why nothing is kept, as a sentence; empty where nothing is known. */
  readonly far: string;
}

/** What any error means for whoever typed the command. `standing` is told where one can go on. */
export function explain(error: unknown, standing?: Standing): Failure {
  const code = codeOf(error);
  const limit = processLimit(error);
  if (limit !== null) return { code, exitCode: exitCode.unexpected, ...limit, resume: undefined };
  const solution = solutions[code] ?? {};
  const exit = solution.byCause?.(error) ?? solution.exit ?? exitCode.unexpected;
  const goesOn = solution.goesOn ?? exit === exitCode.tryAgain;
  const hint = [goesOn ? (standing?.far ?? "") : "", solution.hint?.(error) ?? ""];
  return {
    code,
    exitCode: exit,
    message: oneLine(solution.what?.(error) ?? messageOf(error)),
    hint: oneLine(hint.join(" ")) || undefined,
    resume: goesOn && standing?.resume != null ? redact(standing.resume) : undefined,
  };
}

/** At most three lines: what and why, what to do, and the command that goes on. */
export function failureLines({ message, hint, resume }: Failure): string[] {
  const lines = [`img: ${message}`];
  if (hint !== undefined) lines.push(`     ${hint}`);
  if (resume !== undefined) lines.push(`     Go on with: ${resume}`);
  return lines;
}

/** The object that `--json` writes on stderr. */
export function failureEvent(failure: Failure): Readonly<Record<string, unknown>> {
  const { code, message, exitCode, hint, resume } = failure;
  return { event: "error", code, message, exitCode, hint, resume };
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" && code !== "" ? code : "UNEXPECTED";
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Answers of a proxy can be long, and hold anything. */
function oneLine(text: string): string {
  const line = printable(redact(text).replace(/\s+/g, " ").trim());
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}

const longestLine = 400;
