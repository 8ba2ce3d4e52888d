import { createReadStream } from "node:fs";
import { SourceUnusableError, uploadStream, type ByteStream } from "@img/node-fs";
import type { ExitCode } from "../failure/exit-code.js";
import { refuseForPipe } from "../failure/only-for-files.js";
import { UsageError } from "../failure/usage-error.js";
import { printUploaded } from "../report/transfer-results.js";
import { inSession } from "../transfers/session.js";
import { runTransfer } from "../transfers/transfer-frame.js";
import { transferOptions } from "../transfers/transfer-options.js";
import { redirectedInput } from "./redirected-input.js";
import type { DigestFlags } from "./sha256sums.js";
import { uploadFiles, type UploadFlags } from "./upload-files.js";

const notKept = "Nothing is kept: what was piped in cannot be read again. Run it from the start.";
const cannotResume = "Standard input cannot be read again: if this is interrupted, it starts over.";

/**
 * `img upload -`: makes an image of what is piped in, without a temporary file. A redirected file or block
 * device is uploaded as such, and can be resumed.
 *
 * @param isCheckTyped Whether `--check` is on the command line; the environment may set it for all uploads.
 */
export async function uploadStdin(flags: UploadFlags, isCheckTyped: boolean): Promise<ExitCode> {
  const { name } = flags;
  if (name === undefined) {
    throw new UsageError("Standard input has no name.", "Name the image with --name.");
  }
  const input = redirectedInput();
  if (input.kind === "folder") {
    throw new SourceUnusableError("Standard input is a folder. An image is one file.");
  }
  if (input.kind === "file") return uploadFiles([input.path], flags);
  checkFlags(flags, isCheckTyped);
  return uploadPiped(input.kind === "device" ? fromDevice() : process.stdin, name, flags);
}

const fromDevice = (): ByteStream => createReadStream("", { fd: 0, autoClose: false });

const readOnce = "A pipe can be read only once.";
const noResume = "An upload from a pipe cannot be resumed.";

function checkFlags(flags: UploadFlags, isCheckTyped: boolean): void {
  refuseForPipe(
    {
      "--format": [flags.format, "The bytes of a pipe are uploaded as they are."],
      "--check": [
        isCheckTyped ? flags.check : undefined,
        `The check reads the disk before the upload. ${readOnce}`,
      ],
      "--dry-run": [flags.dryRun, `The size of a pipe is not known before its end. ${readOnce}`],
      "--if-name-taken accept-same": [flags.ifNameTaken === "accept-same" || undefined, readOnce],
      "--if-source-changed": [flags.ifSourceChanged, noResume],
      "--if-image-gone": [flags.ifImageGone, noResume],
      "--force": [flags.force, `There is no lock to take over. ${noResume}`],
      "--part-checksums": [
        flags.partChecksums ?? flags.verifyParts,
        "Use --read-back to check the stored image at the end.",
      ],
      "--threads": [flags.threads, "A pipe is read by one thread."],
    },
    "Leave it out, or write the bytes to a file first.",
  );
  checkDigestFlags(flags);
  if (process.stdin.isTTY) {
    throw new UsageError("Nothing is piped in.", "For example: xz -dc disk.xz | img upload - ...");
  }
}

function checkDigestFlags({ sha256, sourceSha256, sha256sums }: DigestFlags): void {
  if (sha256sums !== undefined) {
    throw new UsageError(
      "--sha256sums is for files: standard input has no name to look up in the list.",
      "Give --sha256.",
    );
  }
  if (sha256 !== undefined && sourceSha256 !== undefined) {
    throw new UsageError(
      "Standard input is a raw disk: --sha256 and --source-sha256 mean the same.",
      "Leave one of them out.",
    );
  }
}

const uploadPiped = (bytes: ByteStream, name: string, flags: UploadFlags): Promise<ExitCode> =>
  inSession(flags, ({ client, settings, report, interruption }) =>
    runTransfer(
      { flags, report, interruption },
      {
        subject: { label: name, name, direction: "up", piped: true },
        run: (hooks) => {
          report.warn(cannotResume, "NOT_RESUMABLE");
          return uploadStream(bytes, name, {
            client,
            label: "standard input",
            ...transferOptions(flags, settings.file),
            ifNameTaken: flags.ifNameTaken === "accept-same" ? undefined : flags.ifNameTaken,
            readBack: flags.readBack ?? flags.verify,
            expectedSha256: flags.sha256 ?? flags.sourceSha256,
            ...hooks,
          });
        },
        print: (result) => printUploaded(flags, name, "-", result),
        standing: () => ({ resume: null, far: notKept }),
      },
    ),
  );
