import { explainError } from "@img/core/models/errors";
import { formatBytes } from "../report/bytes.js";
import { redact } from "../report/redact.js";
import { printable } from "../report/text-width.js";
import { causeCode, causeOf, text } from "./error-text.js";
import { exitCode, type ExitCode } from "./exit-code.js";
import type { Standing } from "./outcome.js";
import { exitOf, outcomes } from "./outcome-table.js";
import { processLimit } from "./process-limit.js";

/** A failure, as it is shown to people and to programs. */
export interface Failure {
  readonly code: string;
  readonly exitCode: ExitCode;
  /** What happened and why, in one line. */
  readonly message: string;
  /** What to do about it, in one line; absent if unknown. */
  readonly hint: string | undefined;
  /** The command that resumes; absent if no command can. */
  readonly resume: string | undefined;
}

/** Explains any error to a person at the command line. `standing` says how the transfer can be resumed. */
export function explain(error: unknown, standing?: Standing): Failure {
  const code = text(error, "code") || "UNEXPECTED";
  const limit = processLimit(error);
  if (limit !== null) return { code, exitCode: exitCode.unexpected, ...limit, resume: undefined };
  const exit = exitOf(error) ?? exitCode.unexpected;
  const { resumes: may = exit === exitCode.tryAgain } = outcomes[code] ?? {};
  const resumes = typeof may === "function" ? may(error) : may;
  const { what, advice } = explanationOf(error, standing);
  const hint = [resumes ? (standing?.far ?? "") : "", advice ?? ""];
  return {
    code,
    exitCode: exit,
    message: oneLine(what),
    hint: oneLine(hint.join(" ")) || undefined,
    resume: resumes && standing?.resume != null ? redact(standing.resume) : undefined,
  };
}

/** The same failure, with the file that it is about in its message. */
export const ofFile = (failure: Failure, file: string): Failure => ({
  ...failure,
  message: failure.message.includes(file) ? failure.message : `${file}: ${failure.message}`,
});

interface Explanation {
  readonly what: string;
  readonly advice: string | undefined;
}

/** Returns the error's own explanation, unless the command knows more about its kind or its cause. */
function explanationOf(error: unknown, standing: Standing | undefined): Explanation {
  const code = text(error, "code");
  const { what, advice } = outcomes[code] ?? {};
  const own = explainError(error);
  const beneath = code === "API_REFUSED" ? explanationOf(causeOf(error), standing) : undefined;
  const saysMore = ["CONNECTION_FAILED", "WORKSPACE_REQUIRED"].includes(causeCode(error));
  return {
    what: inPlainWords(
      (saysMore ? beneath?.what : what?.(error)) ?? (text(error, "what") || own.what),
    ),
    advice:
      beneath !== undefined
        ? beneath.advice
        : typeof advice === "function"
          ? advice(error, standing)
          : (advice ?? (text(error, "advice") || own.advice)),
  };
}

/**
 * Formats a failure in at most three lines: what happened and why, what to do, and the command that resumes.
 */
export function failureLines({ message, hint, resume }: Failure): string[] {
  const lines = [`img: ${message}`];
  if (hint !== undefined) lines.push(`     ${hint}`);
  if (resume !== undefined) lines.push(`     Resume with: ${resume}`);
  return lines;
}

/** The object that `--json` writes to stderr. */
export function failureEvent(failure: Failure): Readonly<Record<string, unknown>> {
  const { code, message, exitCode, hint, resume } = failure;
  return { event: "error", code, message, exitCode, hint, resume };
}

/** Removes the parts of an OpenSSL message that help only OpenSSL's developers. */
const inPlainWords = (what: string): string =>
  what
    .replace(/[\dA-F]+:error:[\dA-F]+:[^:]*:[^:]*:([^:]+):\S+:\d+:\s*/g, "$1")
    .replace("wrong version number", "what answers speaks no TLS. Is it http: rather than https:?")
    .replace(/\?\)?\.$/, "?");

/**
 * Puts a text on one line, with sizes in readable units. Answers of a proxy can be long and contain any text.
 */
function oneLine(text: string): string {
  const sized = text
    .replace(/\b(\d{4,15}) bytes\b/g, (_, bytes) => formatBytes(Number(bytes)))
    .replace(/(?<![\d.,])1 bytes\b/g, "1 byte");
  const line = printable(redact(sized).replace(/\s+/g, " ").trim());
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}

const longestLine = 400;
