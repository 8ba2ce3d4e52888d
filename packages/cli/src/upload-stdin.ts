import { createReadStream } from "node:fs";
import {
  SourceUnusableError,
  uploadStream,
  type ByteStream,
  type TransferProgress,
  type UploadResult,
} from "@img/node-fs";
import { exitCode, type ExitCode } from "./exit-code.js";
import { explain } from "./failure.js";
import { interruptible, type Interruption } from "./interruption.js";
import { printFailure } from "./output.js";
import { redirectedInput } from "./redirected-input.js";
import { tellUploaded } from "./tell-done.js";
import { transferOptions } from "./transfer-options.js";
import { openSession, type Session } from "./transfer-session.js";
import type { UploadFlags } from "./upload-command.js";
import { uploadFiles } from "./upload-files.js";
import { UsageError } from "./usage-error.js";

const notKept = "Nothing is kept: what was piped in cannot be read again. Run it from the start.";
const cannotGoOn = "Standard input cannot be read again: if this is interrupted, it starts anew.";

/**
 * `img upload -`: what is piped in becomes an image, without a temporary file. A file or a block device that
 * was redirected is uploaded as such, and can be resumed.
 */
export async function uploadStdin(flags: UploadFlags): Promise<ExitCode> {
  if (flags.name === undefined) {
    throw new UsageError("Standard input has no name.", "Give the image one with --name.");
  }
  const input = redirectedInput();
  if (input.kind === "folder") {
    throw new SourceUnusableError("Standard input is a folder. An image is one file.");
  }
  if (input.kind === "file") return uploadFiles([input.path], flags);
  checkFlags(flags);
  const bytes = input.kind === "device" ? fromDevice() : process.stdin;
  return interruptible(async (by) => uploadPiped(await openSession(flags), bytes, flags, by));
}

const fromDevice = (): ByteStream => createReadStream("", { fd: 0, autoClose: false });

function checkFlags(flags: UploadFlags): void {
  if (flags.dryRun) {
    throw new UsageError("--dry-run is for files.", "What comes from standard input is not known.");
  }
  if (flags.ifNameTaken === "verify") {
    throw new UsageError(
      "--if-name-taken verify is for files.",
      "Standard input can be read only once. Write it to a file first.",
    );
  }
  if (process.stdin.isTTY) {
    throw new UsageError("Nothing is piped in.", "For example: xz -dc disk.xz | img upload - ...");
  }
}

async function uploadPiped(
  session: Session,
  bytes: ByteStream,
  flags: UploadFlags,
  by: Interruption,
): Promise<ExitCode> {
  const { report } = session;
  const { name = "" } = flags; // checked above
  try {
    by.signal.throwIfAborted();
    report.begin({ label: "-", name, direction: "up", piped: true, batch: null });
    report.warn(cannotGoOn);
    const result = await by.orCut(start(session, bytes, name, flags, by.signal));
    report.end();
    tellUploaded(flags, "standard input", "-", result);
    return exitCode.done;
  } catch (error) {
    report.end();
    const failure = explain(error, { resume: null, far: notKept });
    printFailure(flags, failure, error);
    return failure.exitCode;
  }
}

async function start(
  { settings, client, report }: Session,
  bytes: ByteStream,
  name: string,
  flags: UploadFlags,
  signal: AbortSignal,
): Promise<UploadResult> {
  const { ifNameTaken } = flags;
  return uploadStream(bytes, name, {
    client,
    label: "standard input",
    ...transferOptions(flags, settings.file),
    ifNameTaken: ifNameTaken === "verify" ? undefined : ifNameTaken,
    verify: flags.verify ? "download" : "none",
    signal,
    onProgress: (progress: TransferProgress) => report.progress(progress),
    onPart: (part) => report.part(part),
  });
}
