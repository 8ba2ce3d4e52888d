import { downloadStream } from "@img/node-fs";
import { exitCode, type ExitCode } from "./exit-code.js";
import { explain, type Failure } from "./failure.js";
import { interruptible, type Interruption } from "./interruption.js";
import { printFailure, type OutputFlags } from "./output.js";
import type { DownloadFlags } from "./download-command.js";
import { tellDownloaded } from "./tell-done.js";
import { transferOptions } from "./transfer-options.js";
import { openSession } from "./transfer-session.js";
import { UsageError } from "./usage-error.js";

const notKept = "What was written is not the whole image: do not use it. Run it from the start.";

/**
 * `img download IMAGE -`: the image's bytes go to standard output, in order, and all that is said to
 * standard error. Only the exit code tells whether the bytes are the image's.
 */
export async function downloadToStdout(idOrName: string, given: DownloadFlags): Promise<ExitCode> {
  if (process.stdout.isTTY) {
    throw new UsageError("An image is nothing for a terminal.", "Send it to a file or a pipe.");
  }
  const flags = { ...given, aside: true };
  return interruptible((by) => writeOut(idOrName, flags, by));
}

async function writeOut(
  idOrName: string,
  flags: DownloadFlags & OutputFlags,
  by: Interruption,
): Promise<ExitCode> {
  const { settings, client, report } = await openSession(flags);
  try {
    by.signal.throwIfAborted();
    report.begin({ label: idOrName, name: null, direction: "down", piped: true, batch: null });
    const result = await by.orCut(
      downloadStream(idOrName, process.stdout, {
        client,
        label: "standard output",
        ...transferOptions(flags, settings.file),
        signal: by.signal,
        onProgress: (progress) => report.progress(progress),
        onPart: (part) => report.part(part),
      }),
    );
    report.end();
    tellDownloaded(flags, "standard output", "-", result);
    return exitCode.done;
  } catch (error) {
    report.end();
    const failure = aboutStdout(explain(error, { resume: null, far: notKept }));
    printFailure(flags, failure, error);
    return failure.exitCode;
  }
}

/** Nothing was to be put in place here: the bytes are out already. */
function aboutStdout(failure: Failure): Failure {
  if (failure.code !== "DIGEST_MISMATCH") return failure;
  const again = "Try again; if it repeats, the stored image is damaged.";
  return { ...failure, hint: `What was written is not the image: do not use it. ${again}` };
}
