import { stat } from "node:fs/promises";
import { createTransfers, uploadImage, type UploadResult } from "@img/node-fs";
import type { FormatFlag } from "../disks/disk-options.js";
import { imageTypeOf, typeWarning } from "../disks/image-type.js";
import { exitCode, type ExitCode } from "../failure/exit-code.js";
import { ofFile, type Failure } from "../failure/failure.js";
import { FilesReport } from "../report/files-report.js";
import type { TransferReport } from "../report/transfer-report.js";
import { printUploaded } from "../report/transfer-results.js";
import { inSession, type Session } from "../transfers/session.js";
import { runTransfer, typedAgain, type Hooks } from "../transfers/transfer-frame.js";
import { transferOptions } from "../transfers/transfer-options.js";
import { checkInputs } from "./check-inputs.js";
import { expandFiles } from "./expand-files.js";
import { sourceDigests, type DigestFlags, type DigestOf } from "./sha256sums.js";
import { labelOf, nameOf, urlIn } from "./upload-input.js";
import { isUnfinished } from "./upload-journal.js";
import { planUploads, type PlanFlags } from "./upload-plan.js";

export interface UploadFlags extends PlanFlags, DigestFlags {
  readonly ifSourceChanged?: "fail" | "restart";
  readonly ifImageGone?: "fail" | "restart";
  readonly ifNameTaken?: "fail" | "replace-unfinished" | "accept-same";
  readonly partChecksums?: "none" | "md5";
  /** The former `partChecksums`. */
  readonly verifyParts?: "none" | "md5";
  readonly readBack?: boolean;
  /** The former `readBack`. */
  readonly verify?: boolean;
  readonly dryRun?: boolean;
}

/**
 * Uploads files. Several share memory, lanes and connections, and begin in their order. Mistakes are reported
 * before the first byte is sent; if a file fails later, the others are still uploaded.
 *
 * @param oneOfMany Whether a failure must name its file, though only this one is given.
 * @returns The exit code of the first failure.
 */
export async function uploadFiles(
  given: readonly string[],
  flags: UploadFlags,
  oneOfMany = false,
): Promise<ExitCode> {
  const files = await expandFiles(given);
  const digestOf = await sourceDigests(files, flags);
  const wrong = await checkInputs(files, flags, digestOf);
  if (wrong !== exitCode.done) return wrong;
  if (flags.dryRun) return inSession(flags, (session) => planUploads(files, session));
  const each = { digestOf, namesFile: oneOfMany || files.length > 1, done: new Set<string>() };
  if (files.length === 1) {
    return inSession(flags, (session) =>
      uploadOne(session, { ...each, file: files[0]!, uploadImage }),
    );
  }
  const report = new FilesReport(flags, { files: files.length, sizeBytes: await sizeOfAll(files) });
  const work = (session: Session<UploadFlags>) => uploadAll(files, session, report, each);
  return inSession(flags, work, report.session);
}

/** What all files have in common. */
interface EachUpload {
  readonly digestOf: DigestOf;
  /** Whether a failure must name its file. */
  readonly namesFile: boolean;
  /** The files that have been uploaded. */
  readonly done: Set<string>;
}

async function uploadAll(
  files: readonly string[],
  session: Session<UploadFlags>,
  reports: FilesReport,
  each: EachUpload,
): Promise<ExitCode> {
  const { client, flags, settings } = session;
  const { stateDir } = settings.file;
  const transfers = createTransfers({
    ...transferOptions(flags, settings.file),
    client,
    stateDir,
  });
  const rest = new Rest();
  const share: typeof uploadImage = (input, options) => transfers.upload(input, options);
  try {
    const codes = await Promise.all(
      files.map((file) =>
        reports.run((report) =>
          uploadOne({ ...session, report }, { ...each, file, uploadImage: share, rest }),
        ),
      ),
    );
    return rest.endedWith ?? codes.find((code) => code !== exitCode.done) ?? exitCode.done;
  } finally {
    await transfers.close();
  }
}

/** Ends the other uploads when one fails with a failure that they would meet too. */
class Rest {
  readonly #ending = new AbortController();
  /** The first failure that the other files would meet too. */
  endedWith: ExitCode | null = null;

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /**
   * Ends the other uploads after a failure that they would meet too.
   *
   * @returns Whether the failure is printed; those of the uploads that it ended are not.
   */
  isTold({ exitCode: code, message }: Failure): boolean {
    if (this.endedWith !== null) return false;
    if (!endsAll.includes(code)) return true;
    this.endedWith = code;
    this.#ending.abort(new Error(message));
    return true;
  }
}

/** The failures that the next file would meet too. */
const { tryAgain, interrupted, notAuthorized, noSpace } = exitCode;
const endsAll: readonly ExitCode[] = [tryAgain, interrupted, notAuthorized, noSpace];

/** Adds up the sizes. A missing file and one at a URL count as 0. */
async function sizeOfAll(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map((file) => stat(file).then(({ size }) => size, zero)));
  return sizes.reduce((a, b) => a + b, 0);
}

const zero = (): number => 0;

interface OneUpload extends EachUpload {
  readonly file: string;
  readonly uploadImage: typeof uploadImage;
  /** The other uploads; absent if this is the only one. */
  readonly rest?: Rest;
}

function uploadOne(session: Session<UploadFlags>, one: OneUpload): Promise<ExitCode> {
  const { file, namesFile, done, rest } = one;
  const { flags } = session;
  const name = flags.name ?? nameOf(file);
  const label = labelOf(file);
  return runTransfer(session, {
    subject: { label, name, direction: "up", piped: false },
    run: (hooks) => upload(session, one, hooks),
    print: (result) => {
      done.add(file);
      printUploaded(flags, label, label, result);
    },
    standing: (last) => {
      const argv = process.argv.slice(2).map((given) => (given === "-" ? file : given));
      return typedAgain(last, () => isUnfinished(session, name), argv, done);
    },
    retell: (failure) => (namesFile ? ofFile(failure, label) : failure),
    isTold: (failure) => rest?.isTold(failure) ?? true,
  });
}

async function upload(
  { flags, settings, client, report }: Session<UploadFlags>,
  { file, digestOf, uploadImage, rest }: OneUpload,
  hooks: Hooks,
): Promise<UploadResult> {
  const isOdd = await warnOfType(file, flags.format, report);
  const { name, format, ifSourceChanged, ifImageGone, ifNameTaken } = flags;
  return uploadImage(urlIn(file) ?? file, {
    client,
    name,
    format,
    // A file that is sent compressed has no partition table, which is expected then.
    check: isOdd && flags.check !== "strict" ? "off" : flags.check,
    onFinding: (finding) => report.finding(finding),
    onDisk: (description) => report.disk(description),
    stateDir: settings.file.stateDir,
    ...transferOptions(flags, settings.file),
    ifSourceChanged,
    ifImageGone,
    ifNameTaken,
    partChecksums: flags.partChecksums ?? flags.verifyParts,
    readBack: flags.readBack ?? flags.verify,
    expectedSha256: flags.sha256,
    sourceSha256: digestOf(file),
    ...hooks,
    ...(rest && { signal: AbortSignal.any([hooks.signal, rest.signal]) }),
  });
}

/**
 * Warns if `--format raw` sends a file that will not boot as it is. A file that cannot be read is reported by
 * the upload.
 */
async function warnOfType(
  file: string,
  format: FormatFlag | undefined,
  report: TransferReport,
): Promise<boolean> {
  if (format !== "raw" || urlIn(file) !== null) return false;
  const warning = await imageTypeOf(file).then(typeWarning, () => null);
  if (warning !== null) report.warn(warning, "FORMAT_RAW");
  return warning !== null;
}
