import { Command } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import { withOutputOptions } from "../settings/common-options.js";
import type { CheckFlags } from "./check-file.js";
import { formatOption } from "./disk-options.js";

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

export function checkCommand(): Command {
  const command = new Command("check")
    .description("Check whether a disk image can boot on a node.")
    .argument("<file>", "the disk image, in any format that can be uploaded; or its URL")
    .addOption(formatOption());
  return withOutputOptions(command)
    .addHelpText("after", wrapped(examples))
    .action(async (file: string, flags: CheckFlags) => {
      const { checkFile } = await import("./check-file.js");
      process.exitCode = await checkFile(file, flags);
    });
}
