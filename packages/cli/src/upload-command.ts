import { Command, Option } from "commander";
import { withTransferOptions, type TransferFlags } from "./transfer-options.js";

export interface UploadFlags extends TransferFlags {
  readonly name?: string;
  readonly ifSourceChanged?: "fail" | "restart";
  readonly ifImageGone?: "fail" | "restart";
  readonly ifNameTaken?: "fail" | "replace-unfinished" | "verify";
  readonly dryRun?: boolean;
}

const examples = `
Examples:
  img upload debian.img                       under the file's own name
  img upload debian.img --name debian-12      under another
  img upload *.img --limit-rate 60M           several, one after the other
  img upload debian.img --dry-run             only say what would be done

The same command goes on where an interrupted one ended; nothing that arrived is sent again.
`;

export function uploadCommand(): Command {
  const command = new Command("upload")
    .summary("upload files as images")
    .description("Upload files as images, each verified by its SHA-256.")
    .argument("<file...>", "the files, each from 1 byte to 128 GiB")
    .option("--name <name>", "the image's name [default: the file's]")
    .addOption(policy("source-changed", ["fail", "restart"], "the file is not the former one"))
    .addOption(policy("image-gone", ["fail", "restart"], "the unfinished image was deleted"))
    .addOption(
      policy("name-taken", ["fail", "replace-unfinished", "verify"], "another image has the name"),
    )
    .option("--dry-run", "say what would be done, and do nothing");
  return withTransferOptions(command)
    .addHelpText("after", examples)
    .action(async (files: string[], flags: UploadFlags) => {
      const { uploadFiles } = await import("./upload-files.js");
      process.exitCode = await uploadFiles(files, flags);
    });
}

export const policy = (when: string, choices: string[], what: string): Option =>
  new Option(`--if-${when} <what>`, `what to do where ${what} [default: fail]`).choices(choices);
