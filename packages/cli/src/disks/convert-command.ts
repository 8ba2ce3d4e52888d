import { Command } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import { withOutputOptions } from "../settings/common-options.js";
import type { ConvertFlags } from "./convert-file.js";
import { diskFormatOption } from "./disk-options.js";

const examples = `
Examples:
  img convert debian.qcow2 debian.raw         a qcow2 as the raw disk that it describes
  img convert disk.vmdk disk.raw --overwrite  replaces a file that is there

An upload needs no conversion: img upload reads qcow2, VMDK, VHD, VHDX and VDI as they are.

What the image has no data for becomes a hole, which takes no room. Until the new file is whole and on
the disk it stands beside its place, as TARGET.img-part.

Exit codes: 0 done, 2 usage, 5 something is there already, 6 the file changed meanwhile, 7 the image is
damaged, 8 another process writes there, 9 no space, 130 Ctrl-C.
`;

export function convertCommand(): Command {
  const command = new Command("convert")
    .description("Write the raw disk that a qcow2, VMDK, VHD, VHDX or VDI describes to a file.")
    .argument("<file>", "the disk image")
    .argument("<target>", "the file to be made")
    .addOption(diskFormatOption())
    .option("--overwrite", "replace an existing file; never a link or a folder");
  return withOutputOptions(command)
    .addHelpText("after", wrapped(examples))
    .action(async (file: string, target: string, flags: ConvertFlags) => {
      const { convertFile } = await import("./convert-file.js");
      process.exitCode = await convertFile(file, target, flags);
    });
}
