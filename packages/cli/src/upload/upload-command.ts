import { Command, Option } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import { checkOption, formatOption } from "../disks/disk-options.js";
import { choicesWithFormer } from "../former-spelling.js";
import { withTransferOptions } from "../transfers/transfer-options.js";
import type { UploadFlags } from "./upload-files.js";

const examples = `
Examples:
  img upload debian.img                       under the file's own name
  img upload debian.img --name debian-12      under another
  img upload *.img --limit-rate 60M           several, under one limit for all
  img upload debian.qcow2                     a qcow2, as the raw disk that it describes
  img upload debian.raw.xz                    a compressed disk, as what it unpacks to
  img upload debian.img --dry-run             only say what would be done
  img upload https://example.com/debian.img   from a web server, without a copy here
  lz4 -dc disk.lz4 | img upload - --name disk what is piped in

The same command resumes where an interrupted one ended, by Ctrl-C, a crash or the network; nothing
that arrived is sent again. The file must be the same: its bytes are looked at, not its name or date.

The image's SHA-256 is made of the very bytes that were sent. The service checks it only when a node
boots: --read-back reads the stored image back and checks it now.

The service boots raw disks. A qcow2, VMDK, VHD, VHDX or VDI is known by its content and goes up as the
raw disk that it describes, without a temporary file. A disk that is compressed by gzip, xz or zstd is
unpacked while it is sent, again from its start by each run. --format raw sends either as it is.

A URL is read in ranges, ahead of what is sent. After an interruption what was sent is read again from the
server, for the SHA-256, while the rest is sent. Its query and user info are sent to that server only,
and kept and shown nowhere: give the same URL again, or a new one of the same file.

What is piped in (-) is sent as it comes, in parts that are kept in memory until they have arrived.
It cannot be read again: after an interruption the upload starts over, and the unfinished image is
deleted. Use "set -o pipefail", since a program that fails in the middle only looks like a short image.

Exit codes: 0 done, 2 usage, 3 not authorized, 4 not found, 5 the name is taken, 6 the file changed,
7 integrity or a damaged image, 8 another process works on it, 9 no space, 75 resume with the same command, 130 Ctrl-C.
`;

export function uploadCommand(): Command {
  const command = new Command("upload")
    .description("Upload files as images, each verified by its SHA-256.")
    .argument("<file...>", "the files or URLs, each from 1 byte to 128 GiB; - is standard input")
    .optionsGroup("Upload:")
    .option("--name <name>", "the image's name [default: the file's]")
    .addOption(
      policy("source-changed", ["fail", "restart"], "the file changed since the upload began"),
    )
    .addOption(policy("image-gone", ["fail", "restart"], "the unfinished image was deleted"))
    .addOption(nameTaken())
    .addOption(formatOption())
    .addOption(checkOption())
    .addOption(
      checksums("--part-checksums <how>", "md5: the store checks each part's MD5 [default: none]"),
    )
    .addOption(checksums("--verify-parts <how>", "the former name of --part-checksums").hideHelp())
    .option("--read-back", "read the stored image back and compare it; costs a download")
    .addOption(new Option("--verify", "the former name of --read-back").hideHelp())
    .option("--sha256 <hex>", "fail unless the disk has this SHA-256")
    .option("--source-sha256 <hex>", "fail unless the file has this SHA-256, whatever its format")
    .option("--sha256sums <file>", "the same, from the file's line in a list, or in one at a URL")
    .option("--dry-run", "show what would be done, without doing it");
  return withTransferOptions(command)
    .addHelpText("after", wrapped(examples))
    .action(async (files: string[], flags: UploadFlags, given: Command) => {
      if (files.length === 1 && (files[0] === "-" || files[0] === "/dev/stdin")) {
        const { uploadStdin } = await import("./upload-stdin.js");
        process.exitCode = await uploadStdin(flags, given.getOptionValueSource("check") === "cli");
        return;
      }
      const { uploadFiles } = await import("./upload-files.js");
      process.exitCode = await uploadFiles(files, flags);
    });
}

const nameTaken = (): Option =>
  choicesWithFormer(
    policy("name-taken", [], "another image has the name"),
    ["fail", "replace-unfinished", "accept-same"],
    { verify: "accept-same" },
  );

const checksums = (flags: string, what: string): Option =>
  new Option(flags, what).choices(["none", "md5"]);

export const policy = (when: string, choices: string[], what: string): Option =>
  new Option(`--if-${when} <what>`, `what to do if ${what} [default: fail]`).choices(choices);
