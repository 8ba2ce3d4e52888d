import { downloadStream } from "@img/node-fs";
import type { ExitCode } from "../failure/exit-code.js";
import type { Failure } from "../failure/failure.js";
import { refuseForPipe } from "../failure/only-for-files.js";
import { UsageError } from "../failure/usage-error.js";
import { printDownloaded } from "../report/transfer-results.js";
import { inSession } from "../transfers/session.js";
import { runTransfer } from "../transfers/transfer-frame.js";
import { transferOptions } from "../transfers/transfer-options.js";
import type { DownloadFlags } from "./download-to-file.js";

const notKept = "What was written is not the whole image: do not use it. Run it from the start.";

/**
 * `img download IMAGE -`: writes the image's bytes to standard output, in order, and all messages to standard
 * error. Only the exit code tells whether the bytes are the image's.
 */
export async function downloadToStdout(idOrName: string, given: DownloadFlags): Promise<ExitCode> {
  if (process.stdout.isTTY) {
    throw new UsageError(
      "Refusing to write an image to a terminal.",
      "Redirect the output, or name a file.",
    );
  }
  refuseForPipe(
    {
      "--overwrite": [given.overwrite, "Standard output replaces no file."],
      "--if-exists": [given.ifExists, "Standard output replaces no file."],
      "--no-sparse": [given.sparse ? undefined : true, "A pipe always gets the zeros."],
      "--require-space": [given.requireSpace, "A pipe takes no room on a disk."],
      "--keep-on-mismatch": [given.keepOnMismatch, "What was written cannot be taken back."],
      "--force": [given.force, "A download to a pipe has no lock to take over."],
      "--threads": [given.threads, "A pipe is written by one thread."],
    },
    "Leave it out, or download to a file.",
  );
  const flags = { ...given, aside: true };
  return inSession(flags, (session) =>
    runTransfer(session, {
      subject: { label: idOrName, name: null, direction: "down", piped: true },
      run: (hooks) =>
        downloadStream(idOrName, process.stdout, {
          client: session.client,
          label: "standard output",
          ...transferOptions(flags, session.settings.file),
          ...hooks,
        }),
      print: (result) => printDownloaded(flags, "standard output", "-", result),
      standing: () => ({ resume: null, far: notKept }),
      retell: aboutStdout,
    }),
  );
}

/** Rewords a failure for standard output: the bytes have already been written, so nothing can be kept back. */
function aboutStdout(failure: Failure): Failure {
  if (failure.code !== "DIGEST_MISMATCH") return failure;
  const again = "Try again; if it repeats, the stored image is damaged.";
  return { ...failure, hint: `What was written is not the image: do not use it. ${again}` };
}
