import { Option } from "commander";

const diskFormats = ["auto", "raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi"] as const;
const packedFormats = ["gzip", "xz", "zstd"] as const;

/** A format of disk images. */
export type DiskFormatFlag = (typeof diskFormats)[number];
/** A format of disk images, or a compression of the whole file. */
export type FormatFlag = DiskFormatFlag | (typeof packedFormats)[number];

const format = (choices: readonly string[]): Option =>
  new Option(
    "--format <format>",
    "the file's format; raw takes its bytes as they are [default: auto]",
  ).choices(choices);

/** `--format` for commands that read a file from start to end. */
export const formatOption = (): Option => format([...diskFormats, ...packedFormats]);

/** `--format` for commands that read a disk at any offset. */
export const diskFormatOption = (): Option => format(diskFormats);

/** The values of `--check`. */
export type CheckFlag = "warn" | "strict" | "off";

/** `--check` of an upload: what to do with the findings. */
export const checkOption = (): Option =>
  new Option("--check <what>", "check whether the disk can boot: warn, strict (stop) or off")
    .choices(["warn", "strict", "off"])
    .env("IMG_CHECK");
