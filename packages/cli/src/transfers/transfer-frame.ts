import type { ArrivedPart, TransferEvent, TransferProgress } from "@img/node-fs";
import type { LockHolder } from "@img/transfer";
import { exitCode, type ExitCode } from "../failure/exit-code.js";
import { explain, type Failure } from "../failure/failure.js";
import type { Interruption } from "../failure/interruption.js";
import type { Standing } from "../failure/outcome.js";
import { resumeCommand } from "../failure/typed-again.js";
import { formatBytes, formatShare } from "../report/bytes.js";
import { printFailure, type OutputFlags } from "../report/output.js";
import type { Subject, TransferReport } from "../report/transfer-report.js";

/** The hooks that a transfer is run with. Their names are those of the library's options. */
export interface Hooks {
  readonly signal: AbortSignal;
  readonly onEvent: (event: TransferEvent) => void;
  readonly onProgress: (progress: TransferProgress) => void;
  readonly onPart: (part: ArrivedPart) => void;
  readonly onLockWatched: (holder: LockHolder | null) => void;
}

export interface Transfer<T> {
  readonly subject: Subject;
  readonly run: (hooks: Hooks) => Promise<T>;
  readonly print: (result: T) => void;
  /** Returns the state of the transfer when it fails. @param last Its last progress. */
  readonly standing: (last: TransferProgress | null) => Standing | Promise<Standing>;
  /** Rewords a failure. */
  readonly retell?: (failure: Failure) => Failure;
  /** Whether a failure is printed. @default it is */
  readonly isTold?: (failure: Failure) => boolean;
}

export interface Frame {
  readonly flags: OutputFlags;
  readonly report: TransferReport;
  readonly interruption: Interruption;
}

/** Runs one transfer with its report, and prints how it ended. */
export async function runTransfer<T>(
  { flags, report, interruption }: Frame,
  { subject, run, print, standing, retell = (failure) => failure, isTold }: Transfer<T>,
): Promise<ExitCode> {
  const { signal, orCut } = interruption;
  let last: TransferProgress | null = null;
  try {
    signal.throwIfAborted();
    report.begin(subject);
    const onProgress = (progress: TransferProgress): void => report.progress((last = progress));
    const onPart = (part: ArrivedPart): void => report.part(part);
    const onEvent = (event: TransferEvent): void => report.event?.(event);
    const onLockWatched = (holder: LockHolder | null): void =>
      report.warn(watchedText(holder), "LOCK_WATCHED");
    const result = await orCut(run({ signal, onEvent, onProgress, onPart, onLockWatched }));
    report.end();
    print(result);
    return exitCode.done;
  } catch (error) {
    report.end();
    // What is kept is on a disk, which may give no answer.
    const where = await orCut(Promise.resolve(standing(last))).catch(nothingKept);
    const failure = retell(explain(error, where));
    if (isTold?.(failure) ?? true) printFailure(flags, failure, error);
    return failure.exitCode;
  }
}

function watchedText(holder: LockHolder | null): string {
  const which = holder === null ? "" : ` (process ${holder.pid} on ${holder.host})`;
  return `Another process${which} may still be working on this transfer. Watching its lock for up to 90 seconds. If that process is gone, --force takes over at once.`;
}

/** The state of a transfer of which nothing is kept. */
export const nothingKept = (): Standing => ({ resume: null, far: "" });

/**
 * Returns the state of a transfer that the same command resumes, if there is something to resume.
 *
 * @param isKept Whether an earlier run left something; asked if this one has not moved anything yet.
 * @param done Arguments to leave out.
 */
export async function typedAgain(
  last: TransferProgress | null,
  isKept: () => Promise<boolean>,
  argv: readonly string[] = process.argv.slice(2),
  done: ReadonlySet<string> = new Set(),
): Promise<Standing> {
  const hasBegun = last !== null && last.phase !== "preparing";
  if (!hasBegun && !(await isKept())) return nothingKept();
  return { resume: resumeCommand(argv, done), far: farText(last) };
}

/** Describes how much has arrived, as a sentence. */
function farText(progress: TransferProgress | null): string {
  if (progress === null) return "";
  const { doneBytes, sizeBytes } = progress;
  if (sizeBytes === 0 && doneBytes > 0)
    return `${formatBytes(doneBytes)} have arrived and are kept.`;
  if (sizeBytes === 0) return "";
  if (doneBytes === 0) return "No part is complete yet.";
  const percent = Math.floor((doneBytes * 100) / sizeBytes);
  return `${formatShare(doneBytes, sizeBytes)} (${percent}%) have arrived and are kept.`;
}
