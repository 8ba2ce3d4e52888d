import { Command, Option } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import { choicesWithFormer } from "../former-spelling.js";
import { withTransferOptions } from "../transfers/transfer-options.js";
import type { DownloadFlags } from "./download-to-file.js";

const examples = `
Examples:
  img download debian-12                      to ./debian-12
  img download debian-12 disk.img             to disk.img
  img download image_4xYb2 /images/           into a folder, under the image's name
  img download debian-12 --if-exists accept-same   fetch it only if it is not there already
  img download debian-12 - | zstd > d.zst     into a pipe

The file appears when it is whole and verified; until then it is FILE.img-part, with its journal
beside it, and the same command resumes after an interruption. Runs of zeros become holes.

Into a pipe (-) the bytes go in order, and only the exit code, at the end, says whether they are the
image's: use "set -o pipefail". It cannot be resumed after an interruption.

Exit codes: 0 done, 2 usage, 3 not authorized, 4 not found, 5 the file exists, 6 the image changed,
7 integrity, 8 another process works on it, 9 no space, 75 resume with the same command, 130 Ctrl-C.
`;

export function downloadCommand(): Command {
  const command = new Command("download")
    .description("Download an image to a file, and verify its SHA-256.")
    .argument("<id-or-name>", "the image: an id or a resource path, or else a name")
    .argument("[file]", "a file, a folder, or - for standard output [default: the image's name]")
    .optionsGroup("Download:")
    .option("--overwrite", "replace an existing file")
    .addOption(
      choicesWithFormer(
        new Option(
          "--if-exists <what>",
          "accept-same: read an existing file, and download nothing if it is the image [default: fail]",
        ),
        ["fail", "accept-same"],
        { verify: "accept-same" },
      ),
    )
    .option("--no-sparse", "write zeros instead of leaving holes")
    .option("--require-space", "refuse a disk that is too small for an image without zeros")
    .option("--keep-on-mismatch", "keep the downloaded file even if its digest is wrong");
  return withTransferOptions(command)
    .addHelpText("after", wrapped(examples))
    .action(async (idOrName: string, file: string | undefined, flags: DownloadFlags) => {
      if (file === "-" || file === "/dev/stdout") {
        const { downloadToStdout } = await import("./download-stdout.js");
        process.exitCode = await downloadToStdout(idOrName, flags);
        return;
      }
      const { downloadToFile } = await import("./download-to-file.js");
      process.exitCode = await downloadToFile(idOrName, file, flags);
    });
}
