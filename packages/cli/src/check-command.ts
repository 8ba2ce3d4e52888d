import { Command, Option } from "commander";
import { withOutputOptions } from "./common-options.js";
import { formatOption, type FormatFlag } from "./format-option.js";
import type { OutputFlags } from "./output.js";

export interface CheckFlags extends OutputFlags {
  readonly format?: FormatFlag;
}

const examples = `
Examples:
  img check disk.qcow2                        will it boot on a node?
  img check https://example.com/disk.qcow2    before it is even downloaded
  img check disk.img --json                   the same, for a program

A node boots by UEFI on amd64, from sectors of 512 bytes. The check looks at the disk's size, its
partition tables, and the EFI system partition as far as EFI/BOOT/BOOTX64.EFI. It reads at most
512 KiB and sends nothing. "img upload" makes the same check first.

Exit codes: 0 no errors, 1 at least one error, 2 usage or a file that cannot be read.
`;

/** `--check` of an upload: what its findings are for. */
export const checkOption = (): Option =>
  new Option("--check <what>", "look whether the disk can boot: warn, stop (strict) or don't (off)")
    .choices(["warn", "strict", "off"])
    .env("IMG_CHECK");

/** What `--check` takes. */
export type CheckFlag = "warn" | "strict" | "off";

export function checkCommand(): Command {
  const command = new Command("check")
    .summary("look whether a disk image can boot")
    .description("Look whether a disk image can boot on a node.")
    .argument("<file>", "the disk image, in any format that can be uploaded; or its URL")
    .addOption(formatOption());
  return withOutputOptions(command)
    .addHelpText("after", examples)
    .action(async (file: string, flags: CheckFlags) => {
      const { checkFile } = await import("./actions.js");
      process.exitCode = await checkFile(file, flags);
    });
}
