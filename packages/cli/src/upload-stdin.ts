import { uploadStream, type TransferProgress, type UploadResult } from "@img/node-fs";
import { exitCode, type ExitCode } from "./exit-code.js";
import { explain } from "./failure.js";
import { interruptible, type Interruption } from "./interruption.js";
import { printFailure } from "./output.js";
import { tellUploaded } from "./tell-done.js";
import { transferOptions } from "./transfer-options.js";
import { openSession, type Session } from "./transfer-session.js";
import type { UploadFlags } from "./upload-command.js";
import { UsageError } from "./usage-error.js";

const notKept = "Nothing is kept: what was piped in cannot be read again. Run it from the start.";
const cannotGoOn = "Standard input cannot be read again: if this is interrupted, it starts anew.";

/** `img upload -`: what is piped in becomes an image, without a temporary file. */
export async function uploadStdin(flags: UploadFlags): Promise<ExitCode> {
  checkFlags(flags);
  return interruptible(async (by) => uploadPiped(await openSession(flags), flags, by));
}

function checkFlags(flags: UploadFlags): void {
  if (flags.name === undefined) {
    throw new UsageError("Standard input has no name.", "Give the image one with --name.");
  }
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
  flags: UploadFlags,
  by: Interruption,
): Promise<ExitCode> {
  const { report } = session;
  const { name = "" } = flags; // checked above
  try {
    by.signal.throwIfAborted();
    report.begin({ label: "-", name, direction: "up", piped: true, batch: null });
    report.warn(cannotGoOn);
    const result = await by.orCut(start(session, name, flags, by.signal));
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
  name: string,
  flags: UploadFlags,
  signal: AbortSignal,
): Promise<UploadResult> {
  const { ifNameTaken } = flags;
  return uploadStream(process.stdin, name, {
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
