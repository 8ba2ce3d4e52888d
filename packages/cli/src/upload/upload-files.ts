import { stat } from "node:fs/promises";
import { uploadImage, type UploadResult } from "@img/node-fs";
import type { FormatFlag } from "../disks/disk-options.js";
import { imageTypeOf, isDiskImage, typeWarning } from "../disks/image-type.js";
import { exitCode, type ExitCode } from "../failure/exit-code.js";
import type { Failure } from "../failure/failure.js";
import { resumeCommand } from "../failure/typed-again.js";
import { silentReport, type Batch, type TransferReport } from "../report/transfer-report.js";
import { printUploaded } from "../report/transfer-results.js";
import { inSession, type Session } from "../transfers/session.js";
import { farText, runTransfer, type Hooks } from "../transfers/transfer-frame.js";
import { transferOptions } from "../transfers/transfer-options.js";
import { checkArguments, checkFile } from "./check-inputs.js";
import { expandFiles } from "./expand-files.js";
import { sourceDigests, type DigestFlags } from "./sha256sums.js";
import { labelOf, nameOf, urlIn } from "./upload-input.js";
import { planUploads, type PlanFlags } from "./upload-plan.js";

export interface UploadFlags extends PlanFlags, DigestFlags {
  readonly ifSourceChanged?: "fail" | "restart";
  readonly ifImageGone?: "fail" | "restart";
  readonly ifNameTaken?: "fail" | "replace-unfinished" | "verify";
  readonly verifyParts?: "none" | "md5";
  readonly verify?: boolean;
  readonly dryRun?: boolean;
}

/**
 * Uploads files, one after the other: one alone fills the link. Mistakes are reported before the first byte; what
 * fails later does not keep the other files from being uploaded.
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
  await checkArguments(files, flags.name);
  const digests = await sourceDigests(files, flags);
  return inSession(flags, async (session) =>
    flags.dryRun
      ? planUploads(files, session)
      : uploadEach(files, session, { digests, namesFile: oneOfMany || files.length > 1 }),
  );
}

interface EachUpload {
  /** The SHA-256 that each file must have; no entry if none was given. */
  readonly digests: ReadonlyMap<string, string>;
  /** Whether a failure must say which file it is about. */
  readonly namesFile: boolean;
}

async function uploadEach(
  files: readonly string[],
  session: Session<UploadFlags>,
  { digests, namesFile }: EachUpload,
): Promise<ExitCode> {
  if (files.length > 1) {
    const wrong = await firstWrong(files, session);
    if (wrong !== exitCode.done) return wrong;
  }
  const batches = await batchesOf(files);
  const done = new Set<string>();
  let worst: ExitCode = exitCode.done;
  for (const [index, file] of files.entries()) {
    const sourceSha256 = digests.get(file);
    const one = { file, sourceSha256, batch: batches[index]!, namesFile, done };
    const code = await uploadOne(session, one);
    if (code === exitCode.done) done.add(file);
    else if (worst === exitCode.done) worst = code;
    if (endsAll.includes(code)) return code;
  }
  return worst;
}

/** Reports what is wrong with each file, before the first byte of any is sent. */
async function firstWrong(
  files: readonly string[],
  { flags, interruption }: Session<UploadFlags>,
): Promise<ExitCode> {
  let first: ExitCode = exitCode.done;
  for (const file of files) {
    const code = await runTransfer(
      { flags, report: silentReport, interruption },
      {
        subject: { label: labelOf(file), name: null, direction: "up", piped: false, batch: null },
        run: ({ signal }) => checkFile(file, flags.format, signal),
        print: () => undefined,
        standing: () => ({ resume: null, far: "" }),
        retell: (failure) => ofFile(failure, labelOf(file)),
      },
    );
    if (code === exitCode.interrupted) return code;
    if (first === exitCode.done) first = code;
  }
  return first;
}

/** What the next file would meet too. */
const { tryAgain, interrupted, notAuthorized, noSpace } = exitCode;
const endsAll: readonly ExitCode[] = [tryAgain, interrupted, notAuthorized, noSpace];

async function batchesOf(files: readonly string[]): Promise<readonly (Batch | null)[]> {
  if (files.length === 1) return [null];
  const sizes = await Promise.all(files.map(sizeOf));
  const totalBytes = Math.max(1, sum(sizes));
  return files.map((_, index) => ({
    number: index + 1,
    count: files.length,
    doneBytes: sum(sizes.slice(0, index)),
    totalBytes,
  }));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** 0 where it is not there: that is reported when its turn comes. */
const sizeOf = async (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

interface OneUpload extends Pick<EachUpload, "namesFile"> {
  readonly file: string;
  readonly sourceSha256: string | undefined;
  readonly batch: Batch | null;
  readonly done: ReadonlySet<string>;
}

function uploadOne(session: Session<UploadFlags>, one: OneUpload): Promise<ExitCode> {
  const { file, batch, namesFile, done } = one;
  const { flags } = session;
  const name = flags.name ?? nameOf(file);
  const label = labelOf(file);
  return runTransfer(session, {
    subject: { label, name, direction: "up", piped: false, batch },
    run: (hooks) => upload(session, one, hooks),
    print: (result) => printUploaded(flags, label, label, result),
    standing: (last) => {
      const argv = process.argv.slice(2).map((given) => (given === "-" ? file : given));
      return { resume: resumeCommand(argv, done), far: farText(last) };
    },
    retell: (failure) => (namesFile ? ofFile(failure, label) : failure),
  });
}

async function upload(
  { flags, settings, client, report }: Session<UploadFlags>,
  { file, sourceSha256 }: Pick<OneUpload, "file" | "sourceSha256">,
  hooks: Hooks,
): Promise<UploadResult> {
  const isOdd = await warnOfType(file, flags.format, report);
  const { name, format, ifSourceChanged, ifImageGone, ifNameTaken } = flags;
  return uploadImage(urlIn(file) ?? file, {
    client,
    name,
    format,
    // What is packed has no partition table, which is no news then.
    check: isOdd && flags.check !== "strict" ? "off" : flags.check,
    onFinding: (finding) => report.finding(finding),
    onDisk: (description) => report.disk(description),
    stateDir: settings.file.stateDir,
    ...transferOptions(flags, settings.file),
    ifSourceChanged,
    ifImageGone,
    ifNameTaken,
    verifyParts: flags.verifyParts,
    verify: flags.verify ? "download" : "none",
    expectedSha256: flags.sha256,
    sourceSha256,
    ...hooks,
  });
}

/** Warns if a file is packed or the like; one that cannot be read is the upload's to report. @returns Whether it is. */
async function warnOfType(
  file: string,
  format: FormatFlag | undefined,
  report: TransferReport,
): Promise<boolean> {
  if (urlIn(file) !== null) return false;
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
