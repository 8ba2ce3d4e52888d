import { Option } from "commander";

export type FormatFlag = "auto" | "raw" | "qcow2" | "vmdk" | "vhd" | "vhdx" | "vdi";

/** Of every command that reads a file of the user's. */
export const formatOption = (): Option =>
  new Option(
    "--format <format>",
    "what the file is; raw: its bytes as they are [default: auto]",
  ).choices(["auto", "raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi"]);

/** What `--check` takes. */
export type CheckFlag = "warn" | "strict" | "off";

/** `--check` of an upload: what its findings are for. */
export const checkOption = (): Option =>
  new Option("--check <what>", "check whether the disk can boot: warn, strict (stop) or off")
    .choices(["warn", "strict", "off"])
    .env("IMG_CHECK");
