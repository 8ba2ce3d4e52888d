import { Option } from "commander";

const diskFormats = ["auto", "raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi"] as const;
const packedFormats = ["gzip", "xz", "zstd"] as const;

/** A format of disk images. */
export type DiskFormatFlag = (typeof diskFormats)[number];
/** And how a file may be compressed as a whole. */
export type FormatFlag = DiskFormatFlag | (typeof packedFormats)[number];

const format = (choices: readonly string[]): Option =>
  new Option(
    "--format <format>",
    "what the file is; raw: its bytes as they are [default: auto]",
  ).choices(choices);

/** Of the commands that read a file from its start to its end. */
export const formatOption = (): Option => format([...diskFormats, ...packedFormats]);

/** Of the commands that read a disk at any offset. */
export const diskFormatOption = (): Option => format(diskFormats);

/** What `--check` takes. */
export type CheckFlag = "warn" | "strict" | "off";

/** `--check` of an upload: what its findings are for. */
export const checkOption = (): Option =>
  new Option("--check <what>", "check whether the disk can boot: warn, strict (stop) or off")
    .choices(["warn", "strict", "off"])
    .env("IMG_CHECK");
