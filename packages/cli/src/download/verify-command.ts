import { Command } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import { diskFormatOption } from "../disks/disk-options.js";
import { withTransferOptions } from "../transfers/transfer-options.js";
import type { VerifyFlags } from "./verify-file.js";

const examples = `
Examples:
  img verify debian.img debian-12             is that image this very file?
  img verify disk.img image_4xYb2 --json      the same, for a program

A qcow2, VMDK, VHD, VHDX or VDI is compared as the raw disk that it describes.

The stored image is streamed and hashed, and nothing of it is kept; the file is read at the same time.
Nothing can be resumed: the same command starts over.

Exit codes: 0 the same, 7 they differ or the service tells another SHA-256, 2 usage, 3 not authorized,
4 not found, 6 the file or the image changed meanwhile, 75 the network, 130 Ctrl-C.
`;

export function verifyCommand(): Command {
  const command = new Command("verify")
    .description("Compare a file with a stored image by their SHA-256.")
    .argument("<file>", "the file")
    .argument("<id-or-name>", "the image: an id or a resource path, or else a name")
    .addOption(diskFormatOption());
  return withTransferOptions(command)
    .addHelpText("after", wrapped(examples))
    .action(async (file: string, idOrName: string, flags: VerifyFlags) => {
      const { verifyFile } = await import("./verify-file.js");
      process.exitCode = await verifyFile(file, idOrName, flags);
    });
}
