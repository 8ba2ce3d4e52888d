import { Command } from "commander";
import { withTransferOptions, type TransferFlags } from "./transfer-options.js";

export interface DownloadFlags extends TransferFlags {
  readonly overwrite?: boolean;
  readonly sparse: boolean;
  readonly keepOnMismatch?: boolean;
}

const examples = `
Examples:
  img download debian-12                      to ./debian-12
  img download debian-12 disk.img             to disk.img
  img download image_4xYb2 /images/           into a folder, under the image's name

The file appears when it is whole and verified. The same command goes on after an interruption.
`;

export function downloadCommand(): Command {
  const command = new Command("download")
    .summary("download an image to a file")
    .description("Download an image to a file, and verify its SHA-256.")
    .argument("<id-or-name>", "the image: an id, or else a name")
    .argument("[file]", "a file, or a folder [default: the image's name]")
    .option("--overwrite", "replace a file that is there")
    .option("--no-sparse", "write zeros instead of leaving holes")
    .option("--keep-on-mismatch", "keep what was downloaded though its digest is wrong");
  return withTransferOptions(command)
    .addHelpText("after", examples)
    .action(async (idOrName: string, file: string | undefined, flags: DownloadFlags) => {
      const { downloadToFile } = await import("./download-to-file.js");
      process.exitCode = await downloadToFile(idOrName, file, flags);
    });
}
