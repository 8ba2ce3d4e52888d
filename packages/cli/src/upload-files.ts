import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { uploadImage, type TransferProgress, type UploadResult } from "@img/node-fs";
import { exitCode, type ExitCode } from "./exit-code.js";
import { expandFiles } from "./expand-files.js";
import { explain, type Failure } from "./failure.js";
import type { FormatFlag } from "./format-option.js";
import { imageTypeOf, isDiskImage, typeWarning } from "./image-type.js";
import { interruptible, type Interruption } from "./interruption.js";
import { printFailure } from "./output.js";
import { resumeCommand } from "./resume-command.js";
import { tellUploaded } from "./tell-done.js";
import { transferOptions } from "./transfer-options.js";
import type { Batch, TransferReport } from "./transfer-report.js";
import { farText, openSession, type Session } from "./transfer-session.js";
import type { UploadFlags } from "./upload-command.js";
import { planUploads } from "./upload-plan.js";
import { UsageError } from "./usage-error.js";

/**
 * Uploads files, one after the other: one alone fills the link. A file that cannot be uploaded does
 * not keep the others from it.
 *
 * @param oneOfMany Whether a failure must say which file it is about, though only this one is given.
 * @returns The first failure's exit code.
 */
export async function uploadFiles(
  given: readonly string[],
  flags: UploadFlags,
  oneOfMany = false,
): Promise<ExitCode> {
  const files = await expandFiles(given);
  checkFiles(files, flags);
  return interruptible(async (by) => {
    const session = await openSession(flags);
    if (flags.dryRun) return planUploads(files, flags, session, by.signal);
    return uploadEach(files, flags, session, by, oneOfMany || files.length > 1);
  });
}

function checkFiles(files: readonly string[], flags: UploadFlags): void {
  if (files.includes("-")) {
    throw new UsageError(
      "Standard input is uploaded alone.",
      "Upload the files by another command.",
    );
  }
  if (flags.name !== undefined && files.length > 1) {
    throw new UsageError("--name is for one file.", "Leave it out, and each gets its own name.");
  }
  const names = files.map((file) => basename(file));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new UsageError(
      `Two files have the name ${twice}.`,
      "Upload them with --name, one by one.",
    );
  }
}

async function uploadEach(
  files: readonly string[],
  flags: UploadFlags,
  session: Session,
  by: Interruption,
  sayFile: boolean,
): Promise<ExitCode> {
  const batches = await batchesOf(files);
  const done = new Set<string>();
  let worst: ExitCode = exitCode.done;
  for (const [index, file] of files.entries()) {
    const failure = await uploadOne({
      file,
      batch: batches[index]!,
      sayFile,
      done,
      flags,
      session,
      by,
    });
    if (failure === null) done.add(file);
    else if (worst === exitCode.done) worst = failure.exitCode;
    if (failure !== null && endsAll(failure)) return failure.exitCode;
  }
  return worst;
}

/** What the next file would meet too. */
function endsAll({ exitCode: code }: Failure): boolean {
  const { tryAgain, interrupted, notAuthorized, noSpace } = exitCode;
  return ([tryAgain, interrupted, notAuthorized, noSpace] as ExitCode[]).includes(code);
}

async function batchesOf(files: readonly string[]): Promise<readonly (Batch | null)[]> {
  if (files.length === 1) return [null];
  const sizes = await Promise.all(files.map(async (file) => (await sizeOf(file)) ?? 0));
  const totalBytes = Math.max(1, sum(sizes));
  return files.map((_, index) => ({
    number: index + 1,
    count: files.length,
    doneBytes: sum(sizes.slice(0, index)),
    totalBytes,
  }));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Null where it is not there: that is told when its turn comes. */
const sizeOf = async (file: string): Promise<number | null> =>
  stat(file).then(
    ({ size }) => size,
    () => null,
  );

interface OneUpload {
  readonly file: string;
  readonly batch: Batch | null;
  /** Whether a failure must say which file it is about. */
  readonly sayFile: boolean;
  readonly done: ReadonlySet<string>;
  readonly flags: UploadFlags;
  readonly session: Session;
  readonly by: Interruption;
}

async function uploadOne(one: OneUpload): Promise<Failure | null> {
  const { file, batch, sayFile, flags, by } = one;
  const { report } = one.session;
  let last: TransferProgress | null = null;
  try {
    by.signal.throwIfAborted();
    report.begin({
      label: file,
      name: flags.name ?? basename(file),
      direction: "up",
      piped: false,
      batch,
    });
    const onProgress = (progress: TransferProgress): void => report.progress((last = progress));
    const result = await by.orCut(start(one, onProgress));
    report.end();
    tellUploaded(flags, file, file, result);
    return null;
  } catch (error) {
    report.end();
    const argv = process.argv.slice(2).map((given) => (given === "-" ? file : given));
    const resume = resumeCommand(argv, one.done);
    const failure = explain(error, { resume, far: farText(last) });
    printFailure(flags, sayFile ? ofFile(failure, file) : failure, error);
    return failure;
  }
}

async function start(
  { file, flags, session, by }: OneUpload,
  onProgress: (progress: TransferProgress) => void,
): Promise<UploadResult> {
  const { settings, client } = session;
  const isOdd = await warnOfType(file, flags.format, session.report);
  return uploadImage(file, {
    client,
    name: flags.name,
    format: flags.format,
    // What is packed has no partition table, which is no news then.
    check: isOdd && flags.check !== "strict" ? "off" : flags.check,
    onFinding: (finding) => session.report.finding(finding),
    onDisk: (description) => session.report.disk(description),
    stateDir: settings.file.stateDir,
    ...transferOptions(flags, settings.file),
    ifSourceChanged: flags.ifSourceChanged,
    ifImageGone: flags.ifImageGone,
    ifNameTaken: flags.ifNameTaken,
    verify: flags.verify ? "download" : "none",
    signal: by.signal,
    onProgress,
    onPart: (part) => session.report.part(part),
  });
}

/** Says if a file is packed or the like; one that cannot be read is the upload's to tell. @returns Whether it is. */
async function warnOfType(
  file: string,
  format: FormatFlag | undefined,
  report: TransferReport,
): Promise<boolean> {
  const warning = await imageTypeOf(file).then(
    (type) => (isDiskImage(type) && format !== "raw" ? null : typeWarning(type)),
    () => null,
  );
  if (warning !== null) report.warn(warning);
  return warning !== null;
}

const ofFile = (failure: Failure, file: string): Failure => ({
  ...failure,
  message: failure.message.includes(file) ? failure.message : `${file}: ${failure.message}`,
});
